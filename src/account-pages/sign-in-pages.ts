/** Signing in and out: the pages, and where each step leads. */
import type { SignIn, SignInVerdict } from '../accounts/flows/sign-in.ts';
import { type Asked, askedOf, refusedBy } from './challenge-parts.ts';
import {
  formField,
  page,
  type PageAnswer,
  type PageContext,
  type PageHandler,
  type PageRequest,
  redirect,
  tooMany,
} from './exchange.ts';
import { button, errorList, field, type FieldError, form, hidden } from '../ui/forms.ts';
import { html } from '../ui/html.ts';
import { safeRedirect } from '../core/safe-redirect.ts';
import { passkeyForm, passkeyScript } from './passkey-parts.ts';
import { providerButtons } from './provider-parts.ts';
import { ledOnce } from './same-posts.ts';
import { showWait } from './wait.ts';
import { at } from './own-path.ts';

const WRONG = 'That email and password do not go together. Check both and try again.';

/** `GET /login`. */
export const showSignIn: PageHandler = async (context, request) => {
  const { accounts, home } = context;
  const next = request.query.get('next') ?? '';
  if ((await accounts.current(request.visit)) !== undefined) return redirect(safeRedirect(next, home));
  return signInPage(context, request, { next, asked: await askedOf(context, request, 'sign-in') });
};

/** `POST /login`. */
export const signIn: PageHandler = ledOnce(async (context, request) => {
  const { accounts, home } = context;
  const email = formField(request, 'email');
  const next = formField(request, 'next');
  const refused = await refusedBy(context, request, 'sign-in');
  if (refused !== undefined)
    return refused.answer(signInPage(context, request, { email, next, asked: refused }));
  const verdict = await accounts.signIn.withPassword(request.visit, {
    email,
    password: formField(request, 'password'),
  });
  if (verdict.ok) return afterFirstFactor(verdict, next, home);
  const asked = await askedOf(context, request, 'sign-in', email);
  if (verdict.reason === 'wait')
    return waitPage(context, request, { email, next, asked }, verdict.retryAfterMs);
  const errors = [{ field: 'email', message: WRONG }];
  return signInPage(context, request, { email, next, asked, errors }, 401);
});

/** `GET /login/code`. */
export const showCode: PageHandler = async ({ accounts }, request) => {
  const way = await accounts.signIn.pendingSignIn(request.visit);
  if (way === undefined) return redirect(at('/login'));
  return codePage(request, way, request.query.get('next') ?? '');
};

/** `POST /login/code`. */
export const proveCode: PageHandler = ledOnce(async ({ accounts, home }, request) => {
  const { visit } = request;
  const next = formField(request, 'next');
  const remember = formField(request, 'remember') === 'yes';
  const way = await accounts.signIn.pendingSignIn(visit);
  // The page asked for the code of one person, and in another tab somebody else began: theirs was not asked for.
  if (way !== undefined && formField(request, 'account') !== way.account) return redirect(at('/login'));
  const verdict = await accounts.signIn.withCode(visit, formField(request, 'code'), remember);
  if (verdict.ok) return redirect(safeRedirect(next, home));
  if (way === undefined || verdict.reason === 'expired') return redirect(at('/login'));
  const again = (message: string): PageAnswer => codePage(request, way, next, [{ field: 'code', message }]);
  if (verdict.reason !== 'wait')
    return again('That code does not work. Wait for the next one, or use a recovery code.');
  const { retryAfterMs } = verdict;
  const message = `Too many codes were tried. Wait ${showWait(retryAfterMs)}, or use a recovery code.`;
  return tooMany(again(message), retryAfterMs);
});

/** `POST /logout`. */
export const signOut: PageHandler = async (_context, { visit }) => {
  await visit.session.signOut();
  return redirect(at('/signed-out'));
};

/** `GET /signed-out`. */
export const showSignedOut: PageHandler = () =>
  page(
    'You are signed out',
    html`<div class="narrow">
      <h1>You are signed out</h1>
      <p>Your session is over, and this browser has forgotten it.</p>
      <p><a class="button" href="${at('/login')}">Sign in again</a></p>
    </div>`,
  );

/** Where a first factor that was right leads. */
export function afterFirstFactor(
  verdict: Extract<SignInVerdict, { ok: true }>,
  next: string,
  home: string,
): PageAnswer {
  if (verdict.done) return redirect(safeRedirect(next, home));
  const safe = safeRedirect(next, '');
  return redirect(at(safe === '' ? '/login/code' : `/login/code?next=${encodeURIComponent(safe)}`));
}

/** Whose second factor is asked for. */
type HalfSignedIn = NonNullable<Awaited<ReturnType<SignIn['pendingSignIn']>>>;

interface SignInForm {
  readonly email?: string;
  readonly next: string;
  readonly asked: Asked;
  readonly errors?: readonly FieldError[];
}

function signInPage(
  { accounts }: PageContext,
  request: PageRequest,
  { email = '', next, asked, errors = [] }: SignInForm,
  status = 200,
): PageAnswer {
  const safe = safeRedirect(next, '');
  const body = html`${field({
    name: 'email',
    label: 'Email',
    type: 'email',
    autocomplete: 'username webauthn',
    value: email,
    errors,
  })}
  ${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', errors })}
  ${hidden('once', accounts.registration.newForm())}${hidden('next', safe)}${asked.fields}
  ${button('Sign in')}`;
  return page(
    withErrors('Sign in', errors),
    html`<div class="narrow">
      <h1>Sign in</h1>
      ${asked.notice}${errorList(errors)}
      ${form(at('/login'), request.csrfToken, body, 'card', asked.attributes)}
      ${passkeyForm('sign-in', at('/login/passkey'), 'Sign in with a passkey', safe)}
      ${providerButtons(accounts.identities?.providers() ?? [], { csrfToken: request.csrfToken, next: safe })}
      <p class="after-card"><a href="${at('/reset')}">Forgot your password?</a></p>
      <p class="after-card">No account yet? <a href="${at('/register')}">Create one</a></p>
      ${passkeyScript(request.nonce)}${asked.script}
    </div>`,
    status,
  );
}

function waitPage(
  context: PageContext,
  request: PageRequest,
  typed: SignInForm,
  retryAfterMs: number,
): PageAnswer {
  const message = `Too many tries for this account. Wait ${showWait(retryAfterMs)} and try again.`;
  const answer = signInPage(context, request, { ...typed, errors: [{ field: 'email', message }] });
  return tooMany(answer, retryAfterMs);
}

function codePage(
  request: PageRequest,
  { choice: { passkey }, account }: HalfSignedIn,
  next: string,
  errors: readonly FieldError[] = [],
): PageAnswer {
  const safe = safeRedirect(next, '');
  const body = html`${field({
      name: 'code',
      label: 'Code',
      autocomplete: 'one-time-code',
      hint: 'The six digits of your authenticator app, or one of your recovery codes.',
      errors,
    })}
    <label class="check"
      ><input type="checkbox" name="remember" value="yes" /> Do not ask on this device for 30 days</label
    >
    ${hidden('account', account)}${hidden('next', safe)} ${button('Continue')}`;
  return page(
    withErrors('Second step', errors),
    html`<div class="narrow">
      <h1>Second step</h1>
      ${errorList(errors)} ${form(at('/login/code'), request.csrfToken, body)}
      ${passkey && passkeyForm('verify', at('/login/code/passkey'), 'Use a passkey', safe)}
      ${form(at('/logout'), request.csrfToken, button('Start again', 'button quiet'), 'after-card')}
      ${passkeyScript(request.nonce)}
    </div>`,
    errors.length > 0 ? 401 : 200,
  );
}

/** Read out first by a screen reader, and seen in the tab. */
export function withErrors(title: string, errors: readonly FieldError[]): string {
  return errors.length > 0 ? `Error: ${title}` : title;
}
