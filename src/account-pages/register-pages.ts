/** Making an account: an address, a mail, a password. */
import type { PasswordProblem } from '../identity/passwords/passwords.ts';
import { MAX_PASSWORD_LENGTH } from '../identity/passwords/password-rules.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { WordKey } from '../accounts/words/words.ts';
import type { Wording } from '../accounts/words/wording.ts';
import { type Asked, askedOf } from './challenge-parts.ts';
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
import { asksForMail } from './mail-form.ts';
import { ledOnce } from './same-posts.ts';
import { rich, withErrors } from './sentences.ts';
import { at } from './own-path.ts';

/** `GET /register`. */
export const showRegister: PageHandler = async (context, request) =>
  request.visit.session.principal === undefined
    ? registerPage(request, '', await askedOf(context, request, 'register'))
    : redirect(context.home);

/** `POST /register`. */
export const register: PageHandler = asksForMail('register', registerPage, (accounts, { visit }, email) => {
  const verdict = accounts.registration.ask(visit, email);
  if (verdict.ok) return undefined;
  return verdict.reason === 'closed' ? 'register.closed' : 'page.emailUnfit';
});

/** `GET /register/sent`. */
export const showRegisterSent: PageHandler = (_context, request) => mailSentPage(request, at('/register'));

/** `GET /register/confirm`. */
export const showConfirm: PageHandler = async ({ accounts }, request) => {
  const token = request.query.get('token') ?? '';
  const email = await accounts.registration.look(token);
  return email === undefined
    ? deadLinkPage(request, at('/register'))
    : choosePage(request, REGISTER, await linked(accounts, token, email));
};

/** `POST /register/confirm`. */
export const confirm: PageHandler = ledOnce(async ({ accounts, home }, request) => {
  const token = formField(request, 'token');
  const [password, once] = [formField(request, 'password'), formField(request, 'once')];
  const verdict = await accounts.registration.finish(request.visit, token, password, once);
  if (verdict.ok) return redirect(verdict.signIn.ok ? home : at('/login'));
  const email = verdict.reason === 'password' ? await accounts.registration.look(token) : undefined;
  if (verdict.reason !== 'password' || email === undefined) return deadLinkPage(request, at('/register'));
  return choosePage(request, REGISTER, await linked(accounts, token, email), verdict.problems);
});

async function linked(accounts: Accounts, token: string, email: string): Promise<OpenLink> {
  const shortest = await accounts.shortestPassword();
  return { token, email, shortest, once: accounts.registration.newForm() };
}

/** What a new password has to be, before it is refused for it. */
export function passwordHint({ say }: Wording, shortest: number): string {
  return say('choose.hint', { least: shortest });
}

/** Why it is refused. @param least - characters of the shortest password that is taken */
export function passwordErrors(
  words: Wording,
  problems: readonly PasswordProblem[],
  least: number,
): readonly FieldError[] {
  return problems.map(({ code }) => ({
    field: 'password',
    message: words.fill(`unfit.${code}`, { least, most: MAX_PASSWORD_LENGTH }),
  }));
}

interface Choice {
  readonly action: string;
  readonly title: Extract<WordKey, `${'register' | 'reset'}.choose`>;
  readonly label: Extract<WordKey, 'register.create' | 'reset.change'>;
}

const REGISTER: Choice = {
  action: at('/register/confirm'),
  title: 'register.choose',
  label: 'register.create',
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
  { words, csrfToken }: PageRequest,
  { action, ...choice }: Choice,
  { token, email, shortest, once }: OpenLink,
  problems: readonly PasswordProblem[] = [],
): PageAnswer {
  const { say } = words;
  const [title, label] = [say(choice.title), say(choice.label)];
  const errors = passwordErrors(words, problems, shortest);
  const body = html`${hidden('token', token)}${hidden('once', once)} ${usernameField(email)}
  ${field({ name: 'password', label: say('page.password'), type: 'password', autocomplete: 'new-password', hint: passwordHint(words, shortest), errors })}
  ${button(label)}`;
  return page(
    withErrors(words, title, errors),
    html`<div class="narrow">
      <h1>${title}</h1>
      <p class="soft">${say('choose.for', { email })}</p>
      ${errorList(errors)} ${form(action, csrfToken, body)}
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}

/** What everyone reads who asked for a mail. */
export function mailSentPage({ words }: PageRequest, again: string): PageAnswer {
  const { say } = words;
  const link = html`<a href="${again}">${say('mailSent.again')}</a>`;
  return page(
    say('mailSent.title'),
    html`<div class="narrow">
      <h1>${say('mailSent.title')}</h1>
      <p>${say('mailSent.text')}</p>
      <p class="soft">${rich(words, 'mailSent.nothing', { again: link })}</p>
    </div>`,
  );
}

/** A link that does not work any more. */
export function deadLinkPage({ words: { say } }: PageRequest, again: string): PageAnswer {
  return page(
    say('deadLink.title'),
    html`<div class="narrow">
      <h1>${say('deadLink.title')}</h1>
      <p>${say('deadLink.text')}</p>
      <p><a class="button" href="${again}">${say('deadLink.again')}</a></p>
    </div>`,
    410,
  );
}

function registerPage(
  { words, csrfToken }: PageRequest,
  email: string,
  asked: Asked,
  errors: readonly FieldError[] = [],
): PageAnswer {
  const { say } = words;
  const [title, hint] = [say('register.title'), say('register.hint')];
  const signIn = html`<a href="${at('/login')}">${say('signIn.button')}</a>`;
  const body = html`${field({ name: 'email', label: say('page.email'), type: 'email', autocomplete: 'email', value: email, hint, errors })}${asked.fields}
  ${button(say('page.sendLink'))}`;
  return page(
    withErrors(words, title, errors),
    html`<div class="narrow">
      <h1>${title}</h1>
      ${asked.notice}${errorList(errors)} ${form(at('/register'), csrfToken, body, 'card', asked.attributes)}
      <p class="after-card">${rich(words, 'register.haveOne', { signIn })}</p>
      ${asked.script}
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}
