/** `GET /account`: everything about one's own account, a section each. */
import type { ActivityRecord } from '../stores/ports/accounts.ts';
import type { FactorOverview } from '../identity/mfa/mfa.ts';
import type { ActivityEvent } from '../accounts/activity.ts';
import { describeDevice } from '../accounts/device-name.ts';
import { showAgo, showDay, showTime } from '../ui/dates.ts';
import { page, type PageHandler, signedIn } from './exchange.ts';
import { button, form, hidden } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';
import { identitySection } from './provider-parts.ts';
import { tokenSection } from './token-pages.ts';
import { at } from './own-path.ts';

/** `GET /account`. */
export const showAccount: PageHandler = signedIn(async ({ accounts }, { visit, csrfToken }, own) => {
  const [factors, sessions, remembered, activity, tokens, identities] = await Promise.all([
    accounts.factors.overview(own.id),
    visit.session.list(),
    accounts.factors.rememberedBrowsers.list(own.id, visit.cookie),
    accounts.activity.list(own.id),
    accounts.apiTokens?.list(own.id),
    accounts.identities?.list(own.id),
  ]);
  const now = Date.now();
  return page(
    'Account',
    html`<div class="column">
      <h1>Account</h1>
      <section class="card" aria-labelledby="you">
        <h2 id="you">You</h2>
        <dl class="facts">
          <dt>Email</dt>
          <dd>${own.email}</dd>
          <dt>Member since</dt>
          <dd>${showDay(own.createdAt)}</dd>
          ${
            own.roles.length > 0 &&
            html`<dt>Roles</dt>
              <dd>${own.roles.join(', ')}</dd>`
          }
        </dl>
        <p class="actions">
          <a class="button quiet small" href="${at('/account/email')}">Change email</a>
          <a class="button quiet small" href="${at('/account/password')}"
            >${own.passwordHash === undefined ? 'Set a password' : 'Change password'}</a
          >
        </p>
      </section>
      ${secondStep(factors, csrfToken, now)} ${passkeys(factors, csrfToken, now)}
      ${
        identities !== undefined &&
        identitySection(accounts.identities?.providers() ?? [], identities, csrfToken, now)
      }
      ${tokens !== undefined && tokenSection(tokens)}
      ${signedInOn(sessions, remembered.length, csrfToken, now)} ${history(activity, now)}
    </div>`,
  );
});

function secondStep(
  { totp, recoveryCodesLeft, secondFactor }: FactorOverview,
  csrf: string,
  now: number,
): Html {
  const app =
    totp === undefined
      ? html`<p class="soft">No authenticator app yet.</p>
          ${form(at('/account/totp'), csrf, button('Set up an authenticator app', 'button small'), 'inline')}`
      : html`<p>
            Authenticator app: on
            <span class="soft small"
              >since ${showDay(totp.confirmedAt)}, last used ${showAgo(totp.usedAt, now)}</span
            >
          </p>
          ${form(at('/account/totp/remove'), csrf, button('Remove the app', 'button quiet small'), 'inline')}`;
  return html`<section class="card" aria-labelledby="second">
    <h2 id="second">Second step</h2>
    ${!secondFactor && html`<p class="soft">With a second step, a stolen password is not enough.</p>`} ${app}
    ${
      secondFactor &&
      html`<p>Recovery codes left: ${recoveryCodesLeft}</p>
        ${form(at('/account/recovery-codes'), csrf, button('Make new recovery codes', 'button quiet small'), 'inline')}`
    }
  </section>`;
}

function passkeys({ passkeys: all }: FactorOverview, csrf: string, now: number): Html {
  const items = all.map(
    (passkey) =>
      html`<li>
        <div>
          <p class="device">${passkey.name}</p>
          <p class="soft small">
            made
            ${showDay(passkey.createdAt)}${
              passkey.usedAt !== undefined && html`, last used ${showAgo(passkey.usedAt, now)}`
            }
          </p>
        </div>
        ${form(
          at('/account/passkeys/remove'),
          csrf,
          html`${hidden('id', passkey.id)}${button('Remove', 'button quiet small', passkey.name)}`,
          'inline',
        )}
      </li>`,
  );
  return html`<section class="card" aria-labelledby="passkeys">
    <h2 id="passkeys">Passkeys</h2>
    <p class="soft">Sign in with your fingerprint, face or PIN, and no password.</p>
    ${
      items.length > 0 &&
      html`<ul class="sessions">
        ${items}
      </ul>`
    }
    <p><a class="button small" href="${at('/account/passkeys/new')}">Add a passkey</a></p>
  </section>`;
}

interface OpenSession {
  readonly idHash: string;
  readonly current: boolean;
  readonly userAgent: string;
  readonly address: string;
  readonly seenAt: number;
}

function signedInOn(sessions: readonly OpenSession[], remembered: number, csrf: string, now: number): Html {
  // This device first: everything below it is what a person looks for.
  const items = [...sessions]
    .sort((a, b) => Number(b.current) - Number(a.current))
    .map((session) => {
      const device = describeDevice(session.userAgent);
      return html`<li>
        <div>
          <p class="device">${device}${session.current && html` <span class="badge">This device</span>`}</p>
          <p class="soft small">${session.address}, last seen ${showTime(session.seenAt, now)}</p>
        </div>
        ${
          !session.current &&
          form(
            at('/account/sessions/revoke'),
            csrf,
            html`${hidden('session', session.idHash)}${button('Sign out', 'button quiet small', `${device}, ${session.address}`)}`,
            'inline',
          )
        }
      </li>`;
    });
  return html`<section class="card" aria-labelledby="devices">
    <h2 id="devices">Where you are signed in</h2>
    <p class="soft">If one of these is not yours, sign it out. It takes effect at once.</p>
    <ul class="sessions">
      ${items}
    </ul>
    ${
      sessions.length > 1
        ? form(
            at('/account/sessions/revoke-others'),
            csrf,
            button('Sign out everywhere else', 'button danger'),
            'inline',
          )
        : html`<p class="soft small">You are signed in nowhere else.</p>`
    }
    ${
      remembered > 0 &&
      html`<p class="soft small">
          ${remembered === 1 ? 'One device' : `${remembered} devices`} need no second step for a while.
        </p>
        ${form(at('/account/devices/forget'), csrf, button('Ask for it everywhere again', 'button quiet small'), 'inline')}`
    }
  </section>`;
}

function history(activity: readonly ActivityRecord[], now: number): Html {
  const items = activity.map(
    ({ event, detail, at, address, userAgent }) =>
      html`<li>
        <p class="device">
          ${WORDS[event as ActivityEvent] ?? event}${
            detail !== '' && html` <span class="soft small">${detail}</span>`
          }
        </p>
        <p class="soft small">${showTime(at, now)}, ${describeDevice(userAgent)}, ${address}</p>
      </li>`,
  );
  return html`<section class="card" aria-labelledby="activity">
    <h2 id="activity">What happened lately</h2>
    ${
      items.length === 0
        ? html`<p class="soft">Nothing yet.</p>`
        : html`<ol class="sessions">
            ${items}
          </ol>`
    }
  </section>`;
}

const WORDS: Readonly<Record<ActivityEvent, string>> = {
  'account-created': 'Account made',
  'signed-in': 'Signed in',
  'signed-in-new-device': 'Signed in from a new device',
  'sign-in-blocked': 'Too many wrong passwords: new devices are kept out until the password is reset',
  'password-changed': 'Password changed',
  'password-reset': 'Password reset by mail',
  'email-changed': 'Email changed',
  'factor-added': 'Second factor added',
  'factor-removed': 'Second factor removed',
  'recovery-codes-made': 'New recovery codes made',
  'recovery-code-used': 'Recovery code used',
  'sessions-ended': 'Other devices signed out',
  'identity-linked': 'Other service linked',
  'identity-unlinked': 'Other service unlinked',
  'api-token-created': 'API token made',
  'api-token-revoked': 'API token revoked',
  'account-disabled': 'Account disabled',
  'account-enabled': 'Account enabled again',
  'roles-changed': 'Roles changed',
};
