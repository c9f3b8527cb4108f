/** `GET /account`: everything about one's own account, a section each. */
import type { ActivityRecord } from '../stores/ports/accounts.ts';
import type { FactorOverview } from '../identity/mfa/mfa.ts';
import type { Wording } from '../accounts/words/wording.ts';
import { detailIn, eventIn } from './activity-words.ts';
import { page, type PageHandler, signedIn } from './exchange.ts';
import { deletionSection } from './deletion-pages.ts';
import { signedInOn } from './device-parts.ts';
import { exportSection } from './export-pages.ts';
import { button, form, hidden } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';
import { identitySection } from './provider-parts.ts';
import { asItStands, rich, showTime } from './sentences.ts';
import { tokenSection } from './token-pages.ts';
import { at } from './own-path.ts';

/** `GET /account`. */
export const showAccount: PageHandler = signedIn(async ({ accounts }, { visit, csrfToken, words }, own) => {
  const { say } = words;
  const [factors, sessions, remembered, activity, tokens, identities, stays, names, pending] =
    await Promise.all([
      accounts.factors.overview(own.id),
      visit.session.list(),
      accounts.factors.rememberedBrowsers.list(own.id, visit.cookie),
      accounts.activity.list(own.id),
      accounts.apiTokens?.list(own.id),
      accounts.identities?.list(own.id),
      accounts.stays?.list(own.id),
      accounts.devices.names(own.id),
      accounts.deletion?.pending(own.id),
    ]);
  const now = Date.now();
  return page(
    say('account.title'),
    html`<div class="column">
      <h1>${say('account.title')}</h1>
      <section class="card" aria-labelledby="you">
        <h2 id="you">${say('account.you')}</h2>
        <dl class="facts">
          <dt>${say('page.email')}</dt>
          <dd>${asItStands(words, own.email)}</dd>
          <dt>${say('account.since')}</dt>
          <dd>${words.day(own.createdAt)}</dd>
          ${
            own.roles.length > 0 &&
            html`<dt>${say('account.roles')}</dt>
              <dd>${asItStands(words, own.roles.join(', '))}</dd>`
          }
        </dl>
        <p class="actions">
          <a class="button quiet small" href="${at('/account/email')}">${say('email.title')}</a>
          <a class="button quiet small" href="${at('/account/password')}"
            >${say(own.passwordHash === undefined ? 'password.set' : 'password.change')}</a
          >
        </p>
      </section>
      ${secondStep(words, factors, csrfToken, now)} ${passkeys(words, factors, csrfToken, now)}
      ${
        identities !== undefined &&
        identitySection(words, accounts.identities?.providers() ?? [], identities, csrfToken, now, {
          hasOtherWay: own.passwordHash !== undefined || factors.passkeys.length > 0,
        })
      }
      ${tokens !== undefined && tokenSection(words, tokens)}
      ${signedInOn(words, { sessions, stays, names, remembered: remembered.length }, csrfToken, now)}
      ${history(words, activity, now)} ${exportSection(words, csrfToken)}
      ${accounts.deletion !== undefined && deletionSection(words, accounts.deletion.waitsFor, pending)}
    </div>`,
  );
});

function secondStep(
  words: Wording,
  { totp, recoveryCodesLeft, secondFactor }: FactorOverview,
  csrf: string,
  now: number,
): Html {
  const { say } = words;
  const app =
    totp === undefined
      ? html`<p class="soft">${say('account.noApp')}</p>
          ${form(at('/account/totp'), csrf, button(say('app.title'), 'button small'), 'inline')}`
      : html`<p>
            ${say('account.appOn')}
            <span class="soft small"
              >${say('account.appSince', { day: words.day(totp.confirmedAt), ago: words.ago(totp.usedAt, now) })}</span
            >
          </p>
          ${form(at('/account/totp/remove'), csrf, button(say('account.removeApp'), 'button quiet small'), 'inline')}`;
  return html`<section class="card" aria-labelledby="second">
    <h2 id="second">${say('account.secondStep')}</h2>
    ${!secondFactor && html`<p class="soft">${say('account.secondStepWhy')}</p>`} ${app}
    ${
      secondFactor &&
      html`<p>
          ${say('account.codesLeft', { count: recoveryCodesLeft })}
          ${recoveryCodesLeft > 0 && html`<span class="soft small">${say('account.codesReplace')}</span>`}
        </p>
        ${form(at('/account/recovery-codes'), csrf, button(say('account.makeCodes'), 'button quiet small'), 'inline')}`
    }
  </section>`;
}

function passkeys(words: Wording, { passkeys: all }: FactorOverview, csrf: string, now: number): Html {
  const { say } = words;
  const items = all.map(
    (passkey) =>
      html`<li>
        <div>
          <p class="device">${asItStands(words, passkey.name)}</p>
          <p class="soft small">${passkeyFacts(words, passkey, now)}</p>
        </div>
        ${form(
          at('/account/passkeys/remove'),
          csrf,
          html`${hidden('id', passkey.id)}${button(say('account.removePasskey'), 'button quiet small', passkey.name)}`,
          'inline',
        )}
      </li>`,
  );
  return html`<section class="card" aria-labelledby="passkeys">
    <h2 id="passkeys">${say('account.passkeys')}</h2>
    <p class="soft">${say('account.passkeysWhy')}</p>
    ${
      items.length > 0 &&
      html`<ul class="sessions">
        ${items}
      </ul>`
    }
    <p><a class="button small" href="${at('/account/passkeys/new')}">${say('newPasskey.title')}</a></p>
  </section>`;
}

function passkeyFacts(
  words: Wording,
  { createdAt, usedAt }: FactorOverview['passkeys'][number],
  now: number,
): string {
  const day = words.day(createdAt);
  return usedAt === undefined
    ? words.say('account.passkeyMade', { day })
    : words.say('account.passkeyUsed', { day, ago: words.ago(usedAt, now) });
}

function history(words: Wording, activity: readonly ActivityRecord[], now: number): Html {
  const { say } = words;
  const items = activity.map(
    ({ event, detail, at, address, userAgent }) =>
      html`<li>
        <p class="device">
          ${eventIn(words, event)}${
            detail !== '' &&
            html` <span class="soft small">${asItStands(words, detailIn(words, event, detail))}</span>`
          }
        </p>
        <p class="soft small">
          ${rich(words, 'account.happened', { ago: showTime(words, at, now), device: words.device(userAgent), address })}
        </p>
      </li>`,
  );
  return html`<section class="card" aria-labelledby="activity">
    <h2 id="activity">${say('account.history')}</h2>
    ${
      items.length === 0
        ? html`<p class="soft">${say('account.nothingYet')}</p>`
        : html`<ol class="sessions">
            ${items}
          </ol>`
    }
  </section>`;
}
