/** Making an account: an address, a mail, a password. */
import type { Accounts } from '../accounts/accounts.ts';
import { askedOf } from './challenge-parts.ts';
import {
  formField,
  page,
  type PageAnswer,
  type PageHandler,
  type PageRequest,
  redirect,
} from './exchange.ts';
import { asksForMail } from './mail-form.ts';
import {
  askPageOf,
  type Choice,
  choosePage,
  deadLinkPage,
  mailSentPage,
  type OpenLink,
} from './mail-link-pages.ts';
import { at } from './own-path.ts';
import { ledOnce } from './same-posts.ts';
import { rich } from './sentences.ts';
import { html } from '../ui/html.ts';

const REGISTER: Choice = {
  action: at('/register/confirm'),
  title: 'register.choose',
  label: 'register.create',
};

const registerPage = askPageOf({
  action: at('/register'),
  title: 'register.title',
  hint: 'register.hint',
  autocomplete: 'email',
  instead: 'register.haveOne',
});

/** `GET /register`. */
export const showRegister: PageHandler = async (context, request) => {
  if (request.visit.session.principal !== undefined) return redirect(context.home);
  // Before anybody has filled in a form that is refused for whatever it holds.
  if (!context.accounts.registration.isOpen) return closedPage(request);
  return registerPage(request, '', await askedOf(context, request, 'register'));
};

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

function closedPage({ words }: PageRequest): PageAnswer {
  const { say } = words;
  const signIn = html`<a href="${at('/login')}">${say('signIn.button')}</a>`;
  return page(
    say('register.title'),
    html`<div class="narrow">
      <h1>${say('register.title')}</h1>
      <p>${say('register.closed')}</p>
      <p class="after-card">${rich(words, 'register.haveOne', { signIn })}</p>
    </div>`,
  );
}

async function linked(accounts: Accounts, token: string, email: string): Promise<OpenLink> {
  const shortest = await accounts.shortestPassword();
  return { token, email, shortest, once: accounts.registration.newForm() };
}
