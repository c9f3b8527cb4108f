/** Making an account: an address, a mail, a password. */
import type { PasswordProblem } from '../identity/passwords/passwords.ts';
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
import { button, errorList, field, type FieldError, form, hidden, usernameField } from '../ui/forms.ts';
import { html } from '../ui/html.ts';
import { leadsAlike, ledOnce } from './same-posts.ts';
import { withErrors } from './sign-in-pages.ts';
import { at } from './own-path.ts';

const NO_ADDRESS = 'Enter an email address in full, such as anna@example.com.';

/** `GET /register`. */
export const showRegister: PageHandler = async (context, request) =>
  request.visit.session.principal === undefined
    ? registerPage(request, '', await askedOf(context, request, 'register'))
    : redirect(context.home);

/** `POST /register`. */
export const register: PageHandler = leadsAlike('challenge', async (context, request) => {
  const { accounts } = context;
  const email = formField(request, 'email');
  const refused = await refusedBy(context, request, 'register');
  if (refused !== undefined) return refused.answer(registerPage(request, email, refused));
  const verdict = accounts.registration.ask(request.visit, email);
  if (verdict.ok) return redirect(at('/register/sent'));
  const message =
    verdict.reason === 'closed' ? 'Accounts are made by our staff here: ask them for one.' : NO_ADDRESS;
  const asked = await askedOf(context, request, 'register', email);
  return registerPage(request, email, asked, [{ field: 'email', message }]);
});

/** `GET /register/sent`. */
export const showRegisterSent: PageHandler = () => mailSentPage(at('/register'));

/** `GET /register/confirm`. */
export const showConfirm: PageHandler = async ({ accounts }, request) => {
  const token = request.query.get('token') ?? '';
  const email = await accounts.registration.look(token);
  return email === undefined
    ? deadLinkPage(at('/register'))
    : choosePage(request, REGISTER, await linked(accounts, token, email));
};

/** `POST /register/confirm`. */
export const confirm: PageHandler = ledOnce(async ({ accounts, home }, request) => {
  const token = formField(request, 'token');
  const [password, once] = [formField(request, 'password'), formField(request, 'once')];
  const verdict = await accounts.registration.finish(request.visit, token, password, once);
  if (verdict.ok) return redirect(verdict.signIn.ok ? home : at('/login'));
  const email = verdict.reason === 'password' ? await accounts.registration.look(token) : undefined;
  if (verdict.reason !== 'password' || email === undefined) return deadLinkPage(at('/register'));
  return choosePage(request, REGISTER, await linked(accounts, token, email), verdict.problems);
});

async function linked(accounts: Accounts, token: string, email: string): Promise<OpenLink> {
  const shortest = await accounts.shortestPassword();
  return { token, email, shortest, once: accounts.registration.newForm() };
}

/** What a new password has to be, before it is refused for it. */
export function passwordHint(shortest: number): string {
  return `At least ${shortest} characters. Four or five words in a row are easy to keep in mind and hard to guess.`;
}

interface Choice {
  readonly action: string;
  readonly title: string;
  readonly label: string;
}

const REGISTER: Choice = {
  action: at('/register/confirm'),
  title: 'Choose a password',
  label: 'Create account',
};

/** A mailed link that was opened, and works. */
export interface OpenLink {
  readonly token: string;
  readonly email: string;
  /** Characters of a password that is taken. */
  readonly shortest: number;
  /** Of this very page: its button may be pressed twice. */
  readonly once: string;
}

/** The page on which a password is chosen, from a mailed link. */
export function choosePage(
  request: PageRequest,
  { action, title, label }: Choice,
  { token, email, shortest, once }: OpenLink,
  problems: readonly PasswordProblem[] = [],
): PageAnswer {
  const errors: FieldError[] = problems.map(({ message }) => ({ field: 'password', message }));
  const body = html`${hidden('token', token)}${hidden('once', once)} ${usernameField(email)}
  ${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', hint: passwordHint(shortest), errors })}
  ${button(label)}`;
  return page(
    withErrors(title, errors),
    html`<div class="narrow">
      <h1>${title}</h1>
      <p class="soft">For ${email}.</p>
      ${errorList(errors)} ${form(action, request.csrfToken, body)}
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}

/** What everyone reads who asked for a mail. */
export function mailSentPage(again: string): PageAnswer {
  return page(
    'Look into your mail',
    html`<div class="narrow">
      <h1>Look into your mail</h1>
      <p>If the address can be used, a mail with a link is on its way to it. It may take a minute.</p>
      <p class="soft">Nothing there? Look among unwanted mail, or <a href="${again}">ask again</a>.</p>
    </div>`,
  );
}

/** A link that does not work any more. */
export function deadLinkPage(again: string): PageAnswer {
  return page(
    'This link does not work any more',
    html`<div class="narrow">
      <h1>This link does not work any more</h1>
      <p>It was used, is too old, or something has changed since it was mailed.</p>
      <p><a class="button" href="${again}">Ask for a new one</a></p>
    </div>`,
    410,
  );
}

function registerPage(
  request: PageRequest,
  email: string,
  asked: Asked,
  errors: readonly FieldError[] = [],
): PageAnswer {
  const hint = 'We send a link there. With it you choose a password.';
  const body = html`${field({ name: 'email', label: 'Email', type: 'email', autocomplete: 'email', value: email, hint, errors })}${asked.fields}
  ${button('Send me the link')}`;
  return page(
    withErrors('Create an account', errors),
    html`<div class="narrow">
      <h1>Create an account</h1>
      ${asked.notice}${errorList(errors)}
      ${form(at('/register'), request.csrfToken, body, 'card', asked.attributes)}
      <p class="after-card">Have one already? <a href="${at('/login')}">Sign in</a></p>
      ${asked.script}
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}
