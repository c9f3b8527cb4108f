/** A forgotten password. */
import type { Accounts } from '../accounts/accounts.ts';
import { askedOf } from './challenge-parts.ts';
import { formField, type PageHandler, redirect } from './exchange.ts';
import { asksForMail } from './mail-form.ts';
import {
  askPageOf,
  type Choice,
  choosePage,
  deadLinkPage,
  donePage,
  mailSentPage,
  type OpenLink,
} from './mail-link-pages.ts';
import { at } from './own-path.ts';

const RESET: Choice = { action: at('/reset/confirm'), title: 'reset.choose', label: 'reset.change' };

const resetPage = askPageOf({
  action: at('/reset'),
  title: 'reset.title',
  hint: 'reset.hint',
  autocomplete: 'username',
  instead: 'reset.remembered',
});

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
export const showResetDone: PageHandler = (_context, request) =>
  donePage(request, 'reset.done', [at('/login'), 'signIn.button']);
