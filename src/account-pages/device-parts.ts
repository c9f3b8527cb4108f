/** The devices of an account, on its page: where it is signed in, and where it is again by itself. */
import type { StaySummary } from '../accounts/flows/stays.ts';
import type { Wording } from '../accounts/words/wording.ts';
import type { OwnSession } from '../controls/sessions/session-handle.ts';
import { LONGEST_DEVICE_NAME } from '../accounts/own-devices.ts';
import { button, field, form, hidden } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';
import { at } from './own-path.ts';
import { asItStands, rich, showTime } from './sentences.ts';

/** What is known of them. */
export interface Devices {
  readonly sessions: readonly OwnSession[];
  /** Undefined: nobody stays signed in. */
  readonly stays: readonly StaySummary[] | undefined;
  /** What they are called, by what their account knows them by. */
  readonly names: ReadonlyMap<string, string>;
  /** How many need no second factor for a while. */
  readonly remembered: number;
}

/** The section of the page. */
export function signedInOn(
  words: Wording,
  { sessions, stays = [], names, remembered }: Devices,
  csrf: string,
  now: number,
): Html {
  const { say } = words;
  // This device first: everything below it is what a person looks for.
  const items = [...sessions]
    .sort((a, b) => Number(b.current) - Number(a.current))
    .map((session) => sessionItem(words, session, names.get(session.browser ?? ''), csrf, now));
  const here = sessions.find(({ current }) => current);
  const asleep = stays
    .filter(({ id }) => sessions.every(({ stay }) => stay !== id))
    .map((stay) => stayItem(words, stay, csrf, now));
  return html`<section class="card" aria-labelledby="devices">
    <h2 id="devices">${say('account.sessions')}</h2>
    <p class="soft">${say('account.sessionsWhy')}</p>
    <ul class="sessions">
      ${items} ${asleep}
    </ul>
    ${here?.browser !== undefined && nameForm(words, names.get(here.browser), csrf)}
    ${
      items.length + asleep.length > 1
        ? form(
            at('/account/sessions/revoke-others'),
            csrf,
            button(say('account.signOutOthers'), 'button danger'),
            'inline',
          )
        : html`<p class="soft small">${say('account.nowhereElse')}</p>`
    }
    ${
      remembered > 0 &&
      html`<p class="soft small">${words.count('account.remembered', remembered)}</p>
        ${form(at('/account/devices/forget'), csrf, button(say('account.forget'), 'button quiet small'), 'inline')}`
    }
  </section>`;
}

function sessionItem(
  words: Wording,
  session: OwnSession,
  name: string | undefined,
  csrf: string,
  now: number,
): Html {
  const { say } = words;
  const device = words.device(session.userAgent);
  const seen = { address: session.address, ago: showTime(words, session.seenAt, now) };
  return html`<li>
    <div>
      <p class="device">
        ${name === undefined ? device : asItStands(words, name)}${session.current && html` <span class="badge">${say('account.thisDevice')}</span>`}${
          session.deviceBound && html` <span class="badge">${say('account.deviceBound')}</span>`
        }${session.stay !== undefined && html` <span class="badge">${say('account.staysSignedIn')}</span>`}
      </p>
      ${name !== undefined && html`<p class="soft small">${device}</p>`}
      <p class="soft small">${rich(words, 'account.seen', seen)}</p>
    </div>
    ${!session.current && endForm(words, csrf, ['session', session.idHash], `${name ?? device}, ${session.address}`)}
  </li>`;
}

/** For the device at hand alone: what another is called is seen best at it. */
function nameForm({ say }: Wording, name: string | undefined, csrf: string): Html {
  const body = html`${field({
    name: 'device',
    label: say('account.deviceName'),
    autocomplete: 'off',
    value: name ?? '',
    most: LONGEST_DEVICE_NAME,
    mayBeEmpty: true,
  })}
  ${button(say('account.nameDevice'), 'button quiet small')}`;
  return form(at('/account/sessions/name'), csrf, body, 'inline');
}

/** One whose session is over, and that begins another when its owner comes back. */
function stayItem(words: Wording, stay: StaySummary, csrf: string, now: number): Html {
  const device = words.device(stay.userAgent);
  const { address, usedAt, expiresAt } = stay;
  const seen = { address, ago: showTime(words, usedAt, now), day: words.day(expiresAt) };
  return html`<li>
    <div>
      <p class="device">${device} <span class="badge">${words.say('account.staysSignedIn')}</span></p>
      <p class="soft small">${rich(words, 'account.stayUntil', seen)}</p>
    </div>
    ${endForm(words, csrf, ['stay', stay.id], `${device}, ${address}`)}
  </li>`;
}

function endForm(
  { say }: Wording,
  csrf: string,
  [name, value]: readonly [name: string, value: string],
  which: string,
): Html {
  return form(
    at('/account/sessions/revoke'),
    csrf,
    html`${hidden(name, value)}${button(say('account.signOutOne'), 'button quiet small', which)}`,
    'inline',
  );
}
