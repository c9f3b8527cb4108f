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
import { landing } from './deletion-pages.ts';
import { passkeyForm, passkeyScript } from './passkey-parts.ts';
import { providerButtons } from './provider-parts.ts';
import { ledOnce } from './same-posts.ts';
import { rich, withErrors } from './sentences.ts';
import { resume, stayBox, stayField, wantsToStay } from './stay-parts.ts';
import { at } from './own-path.ts';

/** `GET /login`. */
export const showSignIn: PageHandler = async (context, request) => {
  const { accounts, home } = context;
  const next = request.query.get('next') ?? '';
  if ((await accounts.current(request.visit)) !== undefined) return redirect(safeRedirect(next, home));
  const resumed = await resume(context, request);
  if (resumed !== undefined)
    return await afterFirstFactor(context, request, { done: resumed === 'done' }, next);
  return signInPage(context, request, { next, asked: await askedOf(context, request, 'sign-in') });
};

/** `POST /login`. */
export const signIn: PageHandler = ledOnce(async (context, request) => {
  const { accounts } = context;
  const email = formField(request, 'email');
  const next = formField(request, 'next');
  const refused = await refusedBy(context, request, 'sign-in');
  if (refused !== undefined)
    return refused.answer(signInPage(context, request, { email, next, asked: refused }));
  const verdict = await accounts.signIn.withPassword(request.visit, {
    email,
    password: formField(request, 'password'),
    stay: wantsToStay(request),
  });
  if (verdict.ok) return await afterFirstFactor(context, request, verdict, next);
  const asked = await askedOf(context, request, 'sign-in', email);
  if (verdict.reason === 'wait')
    return waitPage(context, request, { email, next, asked }, verdict.retryAfterMs);
  const errors = [{ field: 'email', message: request.words.say('signIn.wrong') }];
  return signInPage(context, request, { email, next, asked, errors }, 401);
});

/** `GET /login/code`. */
export const showCode: PageHandler = async (context, request) => {
  const way = await context.accounts.signIn.pendingSignIn(request.visit);
  if (way === undefined) return redirect(at('/login'));
  return codePage(context, request, way, request.query.get('next') ?? '');
};

/** `POST /login/code`. */
export const proveCode: PageHandler = ledOnce(async (context, request) => {
  const { accounts, home } = context;
  const { visit, words } = request;
  const next = formField(request, 'next');
  const remember = formField(request, 'remember') === 'yes';
  const way = await accounts.signIn.pendingSignIn(visit);
  // The page asked for the code of one person, and in another tab somebody else began: theirs was not asked for.
  if (way !== undefined && formField(request, 'account') !== way.account) return redirect(at('/login'));
  const verdict = await accounts.signIn.withCode(visit, formField(request, 'code'), remember);
  if (verdict.ok) return redirect(await landing(context, request, safeRedirect(next, home)));
  if (way === undefined || verdict.reason === 'expired') return redirect(at('/login'));
  const again = (message: string): PageAnswer =>
    codePage(context, request, way, next, [{ field: 'code', message }]);
  if (verdict.reason !== 'wait') return again(words.say('code.wrong'));
  const { retryAfterMs } = verdict;
  const message = words.say('code.wait', { wait: words.wait(retryAfterMs) });
  return tooMany(again(message), retryAfterMs);
});

/** `POST /logout`. */
export const signOut: PageHandler = async ({ accounts }, { visit }) => {
  // By its cookie too: of a sign-in that is half done, no session says so.
  await accounts.stays?.endHere(visit);
  await visit.session.signOut();
  return redirect(at('/signed-out'));
};

/** `GET /signed-out`. */
export const showSignedOut: PageHandler = (_context, { words: { say } }) =>
  page(
    say('signedOut.title'),
    html`<div class="narrow">
      <h1>${say('signedOut.title')}</h1>
      <p>${say('signedOut.text')}</p>
      <p><a class="button" href="${at('/login')}">${say('signedOut.again')}</a></p>
    </div>`,
  );

/** Where a first factor that was right leads. */
export async function afterFirstFactor(
  context: PageContext,
  request: PageRequest,
  verdict: Pick<Extract<SignInVerdict, { ok: true }>, 'done'>,
  next: string,
): Promise<PageAnswer> {
  if (verdict.done) return redirect(await landing(context, request, safeRedirect(next, context.home)));
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
  { words, csrfToken, nonce }: PageRequest,
  { email = '', next, asked, errors = [] }: SignInForm,
  status = 200,
): PageAnswer {
  const { say } = words;
  const safe = safeRedirect(next, '');
  const create = html`<a href="${at('/register')}">${say('signIn.create')}</a>`;
  const body = html`${field({
    name: 'email',
    label: say('page.email'),
    type: 'email',
    autocomplete: 'username webauthn',
    value: email,
    errors,
  })}
  ${field({ name: 'password', label: say('page.password'), type: 'password', autocomplete: 'current-password', errors })}
  ${stayBox(words, accounts.stays)}${hidden('once', accounts.registration.newForm())}${hidden('next', safe)}${asked.fields}
  ${button(say('signIn.button'))}`;
  return page(
    withErrors(words, say('signIn.title'), errors),
    html`<div class="narrow">
      <h1>${say('signIn.title')}</h1>
      ${asked.notice}${errorList(errors)} ${form(at('/login'), csrfToken, body, 'card', asked.attributes)}
      ${passkeyForm(words, 'sign-in', at('/login/passkey'), say('signIn.passkey'), safe, stayField(accounts.stays))}
      ${providerButtons(words, accounts.identities?.providers() ?? [], { csrfToken, next: safe, stays: accounts.stays })}
      <p class="after-card"><a href="${at('/reset')}">${say('signIn.forgot')}</a></p>
      ${
        accounts.registration.isOpen &&
        html`<p class="after-card">${rich(words, 'signIn.noAccount', { create })}</p>`
      }
      ${passkeyScript(nonce)}${asked.script}
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
  const { words } = request;
  const message = words.say('signIn.wait', { wait: words.wait(retryAfterMs) });
  const answer = signInPage(context, request, { ...typed, errors: [{ field: 'email', message }] });
  return tooMany(answer, retryAfterMs);
}

function codePage(
  { accounts }: PageContext,
  { words, csrfToken, nonce }: PageRequest,
  { choice: { passkey }, account }: HalfSignedIn,
  next: string,
  errors: readonly FieldError[] = [],
): PageAnswer {
  const { say } = words;
  const safe = safeRedirect(next, '');
  const time = words.days(accounts.factors.rememberedBrowsers.lifetime);
  const body = html`${field({
      name: 'code',
      label: say('page.code'),
      autocomplete: 'one-time-code',
      hint: say('code.hint'),
      errors,
    })}
    <label class="check"
      ><input type="checkbox" name="remember" value="yes" /> ${say('code.remember', { time })}</label
    >
    ${hidden('account', account)}${hidden('next', safe)} ${button(say('page.continue'))}`;
  return page(
    withErrors(words, say('code.title'), errors),
    html`<div class="narrow">
      <h1>${say('code.title')}</h1>
      ${errorList(errors)} ${form(at('/login/code'), csrfToken, body)}
      ${passkey && passkeyForm(words, 'verify', at('/login/code/passkey'), say('passkey.use'), safe)}
      ${form(at('/logout'), csrfToken, button(say('code.startAgain'), 'button quiet'), 'after-card')}
      ${passkeyScript(nonce)}
    </div>`,
    errors.length > 0 ? 401 : 200,
  );
}
