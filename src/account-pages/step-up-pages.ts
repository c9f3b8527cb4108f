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
import { withErrors } from './sentences.ts';
import { afterFirstFactor } from './sign-in-pages.ts';
import { at } from './own-path.ts';

/** `GET /login/again`: whoever is signed in proves once more who they are. */
export const showAgain: PageHandler = signedIn(async ({ accounts, base }, request, own) => {
  const { query } = request;
  const held = query.get('held');
  // What was sent goes on from a page of its own, wherever the proof leads through.
  const next =
    held === null ? (query.get('next') ?? '') : `${base}/login/continue?held=${encodeURIComponent(held)}`;
  const needsFactor = query.get('need') === 'mfa';
  if (needsFactor && !(await accounts.factors.overview(own.id)).secondFactor) return noFactorPage(request);
  return await againPage(accounts, request, own, next);
});

/** `POST /login/again`. */
export const proveAgain: PageHandler = ledOnce(
  signedIn(async (context, request, own) => {
    const { accounts } = context;
    const next = formField(request, 'next');
    const credentials = { email: own.email, password: formField(request, 'password') };
    const verdict = await accounts.signIn.withPassword(request.visit, credentials, 'again');
    if (verdict.ok) return await afterFirstFactor(context, request, verdict, next);
    const { words } = request;
    const message =
      verdict.reason === 'wait'
        ? words.say('again.wait', { wait: words.wait(verdict.retryAfterMs) })
        : words.say('again.wrong');
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
  const { say } = request.words;
  const fields = html`${held.fields.map(([name, value]) => hidden(name, value))}${button(say('page.continue'))}`;
  return page(
    say('goOn.title'),
    html`<div class="narrow">
      <h1>${say('goOn.title')}</h1>
      <p>${say('goOn.text')}</p>
      ${form(held.target, request.csrfToken, fields)}
      <p class="after-card"><a href="${home}">${say('goOn.leave')}</a></p>
    </div>`,
  );
});

function noFactorPage({ words: { say } }: PageRequest): PageAnswer {
  return page(
    say('needsFactor.title'),
    html`<div class="narrow">
      <h1>${say('needsFactor.title')}</h1>
      <p>${say('needsFactor.text')}</p>
      <p><a class="button" href="${at('/account')}">${say('page.toAccount')}</a></p>
    </div>`,
    403,
  );
}

async function againPage(
  { identities, factors }: Accounts,
  { words, csrfToken, nonce }: PageRequest,
  { id, email, passwordHash }: AccountRecord,
  next: string,
  errors: readonly FieldError[] = [],
): Promise<PageAnswer> {
  const { say } = words;
  const safe = safeRedirect(next, '');
  const linked = new Set((await identities?.list(id))?.map(({ issuer }) => issuer));
  const hasPasskey = (await factors.passkeys.list(id)).length > 0;
  const providers = identities?.providers().filter(({ issuer }) => linked.has(issuer)) ?? [];
  const body: Html = html`${usernameField(email)}
  ${field({ name: 'password', label: say('page.password'), type: 'password', autocomplete: 'current-password', errors })}
  ${hidden('next', safe)} ${button(say('page.continue'))}`;
  return page(
    withErrors(words, say('again.title'), errors),
    html`<div class="narrow">
      <h1>${say('again.title')}</h1>
      <p class="soft">${say('again.why', { email })}</p>
      ${errorList(errors)} ${passwordHash !== undefined && form(at('/login/again'), csrfToken, body)}
      ${hasPasskey && passkeyForm(words, 'verify', at('/login/again/passkey'), say('passkey.use'), safe)}
      ${providerButtons(words, providers, { csrfToken, next: safe, again: true })}
      ${
        passwordHash === undefined &&
        html`<p class="after-card"><a href="${at('/reset')}">${say('again.byMail')}</a></p>`
      }
      ${hasPasskey && passkeyScript(nonce)}
    </div>`,
    errors.length > 0 ? 401 : 200,
  );
}
