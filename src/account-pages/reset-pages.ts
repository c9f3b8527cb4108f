/** A forgotten password. */
import type { Accounts } from '../accounts/accounts.ts';
import { type Asked, askedOf, refusedBy } from './challenge-parts.ts';
import {
  formField,
  page,
  type PageAnswer,
  type PageHandler,
  type PageRequest,
  redirect,
} from './exchange.ts';
import { button, errorList, field, type FieldError, form } from '../ui/forms.ts';
import { html } from '../ui/html.ts';
import { choosePage, deadLinkPage, mailSentPage, type OpenLink } from './register-pages.ts';
import { leadsAlike } from './same-posts.ts';
import { withErrors } from './sign-in-pages.ts';
import { at } from './own-path.ts';

/** `GET /reset`. */
export const showReset: PageHandler = async (context, request) =>
  resetPage(request, '', await askedOf(context, request, 'reset'));

/** `POST /reset`. */
export const askReset: PageHandler = leadsAlike('challenge', async (context, request) => {
  const { accounts } = context;
  const email = formField(request, 'email');
  const refused = await refusedBy(context, request, 'reset');
  if (refused !== undefined) return refused.answer(resetPage(request, email, refused));
  if (accounts.reset.ask(request.visit, email).ok) return redirect(at('/reset/sent'));
  const message = 'Enter an email address in full, such as anna@example.com.';
  const asked = await askedOf(context, request, 'reset', email);
  return resetPage(request, email, asked, [{ field: 'email', message }]);
});

/** `GET /reset/sent`. */
export const showResetSent: PageHandler = () => mailSentPage(at('/reset'));

/** `GET /reset/confirm`. */
export const showChoose: PageHandler = async ({ accounts }, request) => {
  const token = request.query.get('token') ?? '';
  const found = await accounts.reset.look(token);
  return found === undefined
    ? deadLinkPage(at('/reset'))
    : choosePage(request, RESET, await linked(accounts, token, found.email));
};

/** `POST /reset/confirm`. */
export const choose: PageHandler = async ({ accounts }, request) => {
  const token = formField(request, 'token');
  const [password, once] = [formField(request, 'password'), formField(request, 'once')];
  const verdict = await accounts.reset.finish(request.visit, token, password, once);
  if (verdict.ok) return redirect(at('/reset/done'));
  const found = verdict.reason === 'link' ? undefined : await accounts.reset.look(token);
  if (verdict.reason === 'link' || found === undefined) return deadLinkPage(at('/reset'));
  return choosePage(request, RESET, await linked(accounts, token, found.email), verdict.problems);
};

async function linked(accounts: Accounts, token: string, email: string): Promise<OpenLink> {
  const shortest = await accounts.shortestPassword(email);
  return { token, email, shortest, once: accounts.reset.newForm() };
}

/** `GET /reset/done`. */
export const showResetDone: PageHandler = () =>
  page(
    'Your password is changed',
    html`<div class="narrow">
      <h1>Your password is changed</h1>
      <p>Everyone who was signed in to your account is signed out, you included.</p>
      <p><a class="button" href="${at('/login')}">Sign in</a></p>
    </div>`,
  );

const RESET = { action: at('/reset/confirm'), title: 'Choose a new password', label: 'Change password' };

function resetPage(
  request: PageRequest,
  email: string,
  asked: Asked,
  errors: readonly FieldError[] = [],
): PageAnswer {
  const hint = 'We send a link there, if there is an account with this address.';
  const body = html`${field({ name: 'email', label: 'Email', type: 'email', autocomplete: 'username', value: email, hint, errors })}${asked.fields}
  ${button('Send me the link')}`;
  return page(
    withErrors('Forgot your password?', errors),
    html`<div class="narrow">
      <h1>Forgot your password?</h1>
      ${asked.notice}${errorList(errors)}
      ${form(at('/reset'), request.csrfToken, body, 'card', asked.attributes)}
      <p class="after-card">Remembered it? <a href="${at('/login')}">Sign in</a></p>
      ${asked.script}
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}
