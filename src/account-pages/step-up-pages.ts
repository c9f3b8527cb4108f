/** Whether it is still the person who signed in: asked for by routes, and then back to where they were. */
import type { AccountRecord } from '../stores/ports/accounts.ts';
import type { Accounts } from '../accounts/accounts.ts';
import {
  page,
  type PageAnswer,
  type PageHandler,
  type PageRequest,
  formField,
  redirect,
  signedIn,
  tooMany,
} from './exchange.ts';
import { button, errorList, field, type FieldError, form, hidden, usernameField } from '../ui/forms.ts';
import { html, type Html } from '../ui/html.ts';
import { safeRedirect } from '../core/safe-redirect.ts';
import { passkeyForm, passkeyScript } from './passkey-parts.ts';
import { ledOnce } from './same-posts.ts';
import { providerButtons } from './provider-parts.ts';
import { afterFirstFactor, withErrors } from './sign-in-pages.ts';
import { showWait } from './wait.ts';
import { at } from './own-path.ts';

/** `GET /login/again`: whoever is signed in proves once more who they are. */
export const showAgain: PageHandler = signedIn(async ({ accounts, base }, request, own) => {
  const { query } = request;
  const held = query.get('held');
  // What was sent goes on from a page of its own, wherever the proof leads through.
  const next =
    held === null ? (query.get('next') ?? '') : `${base}/login/continue?held=${encodeURIComponent(held)}`;
  const needsFactor = query.get('need') === 'mfa';
  if (needsFactor && !(await accounts.factors.overview(own.id)).secondFactor) return noFactorPage();
  return await againPage(accounts, request, own, next);
});

/** `POST /login/again`. */
export const proveAgain: PageHandler = ledOnce(
  signedIn(async ({ accounts, home }, request, own) => {
    const next = formField(request, 'next');
    const credentials = { email: own.email, password: formField(request, 'password') };
    const verdict = await accounts.signIn.withPassword(request.visit, credentials, 'again');
    if (verdict.ok) return afterFirstFactor(verdict, next, home);
    const message =
      verdict.reason === 'wait'
        ? `Too many tries. Wait ${showWait(verdict.retryAfterMs)} and try again.`
        : 'That is not the password of this account. Try again.';
    const again = await againPage(accounts, request, own, next, [{ field: 'password', message }]);
    return verdict.reason === 'wait' ? tooMany(again, verdict.retryAfterMs) : again;
  }),
);

/** `GET /login/continue`: what was sent before the proof, for the person to send again with one press of a button. */
export const showContinue: PageHandler = signedIn(async ({ home }, request) => {
  // Whoever only looks ahead must not use it up.
  if (request.method === 'HEAD') return redirect(home);
  const held = await request.takeHeldRequest(request.query.get('held') ?? undefined);
  if (held === undefined) return redirect(home);
  const fields = html`${held.fields.map(([name, value]) => hidden(name, value))}${button('Continue')}`;
  return page(
    'Thank you',
    html`<div class="narrow">
      <h1>Thank you</h1>
      <p>Nothing you typed is lost. Go on with what you were doing:</p>
      ${form(held.target, request.csrfToken, fields)}
      <p class="after-card"><a href="${home}">Leave it</a></p>
    </div>`,
  );
});

function noFactorPage(): PageAnswer {
  return page(
    'This needs a second step',
    html`<div class="narrow">
      <h1>This needs a second step</h1>
      <p>
        What you asked for is open only to accounts with a passkey or an authenticator app. Set one up first.
      </p>
      <p><a class="button" href="${at('/account')}">Go to your account</a></p>
    </div>`,
    403,
  );
}

async function againPage(
  { identities, factors }: Accounts,
  request: PageRequest,
  { id, email, passwordHash }: AccountRecord,
  next: string,
  errors: readonly FieldError[] = [],
): Promise<PageAnswer> {
  const safe = safeRedirect(next, '');
  const linked = new Set((await identities?.list(id))?.map(({ issuer }) => issuer));
  const hasPasskey = (await factors.passkeys.list(id)).length > 0;
  const providers = identities?.providers().filter(({ issuer }) => linked.has(issuer)) ?? [];
  const body: Html = html`${usernameField(email)}
  ${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', errors })}
  ${hidden('next', safe)} ${button('Continue')}`;
  return page(
    withErrors('Is it still you?', errors),
    html`<div class="narrow">
      <h1>Is it still you?</h1>
      <p class="soft">
        Signed in as ${email}. What you asked for needs a fresh sign-in. You go on where you were.
      </p>
      ${errorList(errors)} ${passwordHash !== undefined && form(at('/login/again'), request.csrfToken, body)}
      ${hasPasskey && passkeyForm('verify', at('/login/again/passkey'), 'Use a passkey', safe)}
      ${providerButtons(providers, { csrfToken: request.csrfToken, next: safe, again: true })}
      ${
        passwordHash === undefined &&
        html`<p class="after-card"><a href="${at('/reset')}">Choose a password by mail</a></p>`
      }
      ${hasPasskey && passkeyScript(request.nonce)}
    </div>`,
    errors.length > 0 ? 401 : 200,
  );
}
