/** A forgotten password. */
import type { Accounts } from '../accounts/accounts.ts';
import { type Asked, askedOf } from './challenge-parts.ts';
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
import { asksForMail } from './mail-form.ts';
import { choosePage, deadLinkPage, mailSentPage, type OpenLink } from './register-pages.ts';
import { rich, withErrors } from './sentences.ts';
import { at } from './own-path.ts';

/** `GET /reset`. */
export const showReset: PageHandler = async (context, request) =>
  resetPage(request, '', await askedOf(context, request, 'reset'));

/** `POST /reset`. */
export const askReset: PageHandler = asksForMail('reset', resetPage, (accounts, { visit }, email) =>
  accounts.reset.ask(visit, email).ok ? undefined : 'page.emailUnfit',
);

/** `GET /reset/sent`. */
export const showResetSent: PageHandler = (_context, request) => mailSentPage(request, at('/reset'));

/** `GET /reset/confirm`. */
export const showChoose: PageHandler = async ({ accounts }, request) => {
  const token = request.query.get('token') ?? '';
  const found = await accounts.reset.look(token);
  return found === undefined
    ? deadLinkPage(request, at('/reset'))
    : choosePage(request, RESET, await linked(accounts, token, found.email));
};

/** `POST /reset/confirm`. */
export const choose: PageHandler = async ({ accounts }, request) => {
  const token = formField(request, 'token');
  const [password, once] = [formField(request, 'password'), formField(request, 'once')];
  const verdict = await accounts.reset.finish(request.visit, token, password, once);
  if (verdict.ok) return redirect(at('/reset/done'));
  const found = verdict.reason === 'link' ? undefined : await accounts.reset.look(token);
  if (verdict.reason === 'link' || found === undefined) return deadLinkPage(request, at('/reset'));
  return choosePage(request, RESET, await linked(accounts, token, found.email), verdict.problems);
};

async function linked(accounts: Accounts, token: string, email: string): Promise<OpenLink> {
  const shortest = await accounts.shortestPassword(email);
  return { token, email, shortest, once: accounts.reset.newForm() };
}

/** `GET /reset/done`. */
export const showResetDone: PageHandler = (_context, { words: { say } }) =>
  page(
    say('reset.done'),
    html`<div class="narrow">
      <h1>${say('reset.done')}</h1>
      <p>${say('reset.doneText')}</p>
      <p><a class="button" href="${at('/login')}">${say('signIn.button')}</a></p>
    </div>`,
  );

const RESET = { action: at('/reset/confirm'), title: 'reset.choose', label: 'reset.change' } as const;

function resetPage(
  { words, csrfToken }: PageRequest,
  email: string,
  asked: Asked,
  errors: readonly FieldError[] = [],
): PageAnswer {
  const { say } = words;
  const [title, hint] = [say('reset.title'), say('reset.hint')];
  const signIn = html`<a href="${at('/login')}">${say('signIn.button')}</a>`;
  const body = html`${field({ name: 'email', label: say('page.email'), type: 'email', autocomplete: 'username', value: email, hint, errors })}${asked.fields}
  ${button(say('page.sendLink'))}`;
  return page(
    withErrors(words, title, errors),
    html`<div class="narrow">
      <h1>${title}</h1>
      ${asked.notice}${errorList(errors)} ${form(at('/reset'), csrfToken, body, 'card', asked.attributes)}
      <p class="after-card">${rich(words, 'reset.remembered', { signIn })}</p>
      ${asked.script}
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}
