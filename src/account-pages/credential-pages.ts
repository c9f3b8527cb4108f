/** A new password, a new address. */
import type { AccountRecord } from '../stores/ports/accounts.ts';
import {
  formField,
  page,
  type PageAnswer,
  type PageHandler,
  type PageRequest,
  redirect,
  signedIn,
  tooMany,
} from './exchange.ts';
import { button, errorList, field, type FieldError, form, hidden, usernameField } from '../ui/forms.ts';
import { html } from '../ui/html.ts';
import { ledOnce } from './same-posts.ts';
import { deadLinkPage, donePage, mailSentPage, passwordErrors, passwordHint } from './mail-link-pages.ts';
import { withErrors } from './sentences.ts';
import { at } from './own-path.ts';

const PROVE_FIRST = at('/login/again?next=') + at(encodeURIComponent('/account/password'));

/** `GET /account/password`. */
export const showPassword: PageHandler = signedIn(async ({ accounts }, request, own) =>
  accounts.credentials.mustProveFirst(request.visit, own)
    ? redirect(PROVE_FIRST)
    : passwordPage(request, own, await accounts.shortestPassword(own.email)),
);

/** `POST /account/password`. */
export const changePassword: PageHandler = ledOnce(
  signedIn(async ({ accounts }, request, own) => {
    const typed = { current: formField(request, 'current'), next: formField(request, 'password') };
    const verdict = await accounts.credentials.changePassword(request.visit, own, typed);
    if (verdict.ok) return redirect(at('/account'));
    if (verdict.reason === 'fresh') return redirect(PROVE_FIRST);
    const { words } = request;
    const { say } = words;
    const least = await accounts.shortestPassword(own.email);
    const errors = ((): readonly FieldError[] => {
      switch (verdict.reason) {
        case 'current':
          return [{ field: 'current', message: say('password.wrong') }];
        case 'wait':
          return [
            { field: 'current', message: say('password.wait', { wait: words.wait(verdict.retryAfterMs) }) },
          ];
        case 'stale':
          return [{ field: 'current', message: say('password.stale') }];
        case 'password':
          return passwordErrors(words, verdict.problems, least);
      }
    })();
    const again = passwordPage(request, own, least, errors);
    return verdict.reason === 'wait' ? tooMany(again, verdict.retryAfterMs) : again;
  }),
);

/** `GET /account/email`. */
export const showEmail: PageHandler = signedIn((_context, request, own) => emailPage(request, own.email, ''));

/** `POST /account/email`. */
export const changeEmail: PageHandler = signedIn(async ({ accounts }, request, own) => {
  const email = formField(request, 'email');
  if ((await accounts.changeEmail.ask(request.visit, own, email)).ok)
    return redirect(at('/account/email/sent'));
  const message = request.words.say('page.emailUnfit');
  return emailPage(request, own.email, email, [{ field: 'email', message }]);
});

/** `GET /account/email/sent`. */
export const showEmailSent: PageHandler = (_context, request) => mailSentPage(request, at('/account/email'));

/** `GET /account/email/confirm`: whoever reads the mail may be signed in elsewhere. */
export const showEmailConfirm: PageHandler = async ({ accounts }, request) => {
  const token = request.query.get('token') ?? '';
  const email = await accounts.changeEmail.look(token);
  if (email === undefined) return deadLinkPage(request, at('/account/email'));
  const { say } = request.words;
  const fields = html`${hidden('token', token)}${hidden('once', accounts.changeEmail.newForm())}
  ${button(say('email.confirmButton'))}`;
  return page(
    say('email.confirm'),
    html`<div class="narrow">
      <h1>${say('email.confirm')}</h1>
      <p>${say('email.confirmText', { email })}</p>
      ${form(at('/account/email/confirm'), request.csrfToken, fields)}
    </div>`,
  );
};

/** `POST /account/email/confirm`. */
export const confirmEmail: PageHandler = async ({ accounts }, request) => {
  const [token, once] = [formField(request, 'token'), formField(request, 'once')];
  const changed = await accounts.changeEmail.finish(request.visit, token, once);
  if (!changed) return deadLinkPage(request, at('/account/email'));
  return donePage(request, 'email.changed', [at('/account'), 'page.toAccount']);
};

/** @param least - characters of the shortest password that is taken */
function passwordPage(
  { words, csrfToken }: PageRequest,
  { email, passwordHash }: AccountRecord,
  least: number,
  errors: readonly FieldError[] = [],
): PageAnswer {
  const { say } = words;
  const has = passwordHash !== undefined;
  const hint = passwordHint(words, least);
  const title = say(has ? 'password.change' : 'password.set');
  const body = html`${usernameField(email)}${
    has &&
    field({
      name: 'current',
      label: say('password.present'),
      type: 'password',
      autocomplete: 'current-password',
      errors,
    })
  }
  ${field({ name: 'password', label: say('password.new'), type: 'password', autocomplete: 'new-password', hint, errors })}
  ${button(title)}`;
  return page(
    withErrors(words, title, errors),
    html`<div class="narrow">
      <h1>${title}</h1>
      <p class="soft">${say('password.others')}</p>
      ${errorList(errors)} ${form(at('/account/password'), csrfToken, body)}
      <p class="after-card"><a href="${at('/account')}">${say('page.backToAccount')}</a></p>
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}

function emailPage(
  { words, csrfToken }: PageRequest,
  present: string,
  email: string,
  errors: readonly FieldError[] = [],
): PageAnswer {
  const { say } = words;
  const hint = say('email.hint', { email: present });
  const body = html`${field({ name: 'email', label: say('email.new'), type: 'email', autocomplete: 'email', value: email, hint, errors })}
  ${button(say('page.sendLink'))}`;
  return page(
    withErrors(words, say('email.title'), errors),
    html`<div class="narrow">
      <h1>${say('email.title')}</h1>
      ${errorList(errors)} ${form(at('/account/email'), csrfToken, body)}
      <p class="after-card"><a href="${at('/account')}">${say('page.backToAccount')}</a></p>
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}
