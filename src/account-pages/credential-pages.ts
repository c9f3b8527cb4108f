/** A new password, a new address. */
import type { AccountRecord } from '../stores/ports/accounts.ts';
import type { Accounts } from '../accounts/accounts.ts';
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
import { deadLinkPage, mailSentPage, passwordHint } from './register-pages.ts';
import { withErrors } from './sign-in-pages.ts';
import { showWait } from './wait.ts';
import { at } from './own-path.ts';

const PROVE_FIRST = at('/login/again?next=') + at(encodeURIComponent('/account/password'));

/** `GET /account/password`. */
export const showPassword: PageHandler = signedIn(({ accounts }, request, own) =>
  accounts.credentials.mustProveFirst(request.visit, own)
    ? redirect(PROVE_FIRST)
    : passwordPage(accounts, request, own),
);

/** `POST /account/password`. */
export const changePassword: PageHandler = ledOnce(
  signedIn(async ({ accounts }, request, own) => {
    const typed = { current: formField(request, 'current'), next: formField(request, 'password') };
    const verdict = await accounts.credentials.changePassword(request.visit, own, typed);
    if (verdict.ok) return redirect(at('/account'));
    if (verdict.reason === 'fresh') return redirect(PROVE_FIRST);
    const errors = ((): readonly FieldError[] => {
      switch (verdict.reason) {
        case 'current':
          return [{ field: 'current', message: 'That is not the present password.' }];
        case 'wait':
          return [{ field: 'current', message: `Too many tries. Wait ${showWait(verdict.retryAfterMs)}.` }];
        case 'stale':
          return [{ field: 'current', message: 'Something else changed your account meanwhile. Try again.' }];
        case 'password':
          return verdict.problems.map(({ message }) => ({ field: 'password', message }));
      }
    })();
    const again = await passwordPage(accounts, request, own, errors);
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
  const message = 'Enter an email address in full, such as anna@example.com.';
  return emailPage(request, own.email, email, [{ field: 'email', message }]);
});

/** `GET /account/email/sent`. */
export const showEmailSent: PageHandler = () => mailSentPage(at('/account/email'));

/** `GET /account/email/confirm`: whoever reads the mail may be signed in elsewhere. */
export const showEmailConfirm: PageHandler = async ({ accounts }, request) => {
  const token = request.query.get('token') ?? '';
  const email = await accounts.changeEmail.look(token);
  if (email === undefined) return deadLinkPage(at('/account/email'));
  return page(
    'Confirm your new email',
    html`<div class="narrow">
      <h1>Confirm your new email</h1>
      <p>From now on your account has the address ${email}. Other devices are signed out.</p>
      ${form(at('/account/email/confirm'), request.csrfToken, html`${hidden('token', token)}${hidden('once', accounts.changeEmail.newForm())}${button('Confirm')}`)}
    </div>`,
  );
};

/** `POST /account/email/confirm`. */
export const confirmEmail: PageHandler = async ({ accounts }, request) => {
  const [token, once] = [formField(request, 'token'), formField(request, 'once')];
  const changed = await accounts.changeEmail.finish(request.visit, token, once);
  if (!changed) return deadLinkPage(at('/account/email'));
  return page(
    'Your email is changed',
    html`<div class="narrow">
      <h1>Your email is changed</h1>
      <p>Sign in with the new one from now on.</p>
      <p><a class="button" href="${at('/account')}">Go to your account</a></p>
    </div>`,
  );
};

async function passwordPage(
  accounts: Accounts,
  request: PageRequest,
  { email, passwordHash }: AccountRecord,
  errors: readonly FieldError[] = [],
): Promise<PageAnswer> {
  const has = passwordHash !== undefined;
  const hint = passwordHint(await accounts.shortestPassword(email));
  const title = has ? 'Change password' : 'Set a password';
  const body = html`${usernameField(email)}${
    has &&
    field({
      name: 'current',
      label: 'Present password',
      type: 'password',
      autocomplete: 'current-password',
      errors,
    })
  }
  ${field({ name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password', hint, errors })}
  ${button(title)}`;
  return page(
    withErrors(title, errors),
    html`<div class="narrow">
      <h1>${title}</h1>
      <p class="soft">Every other device is signed out.</p>
      ${errorList(errors)} ${form(at('/account/password'), request.csrfToken, body)}
      <p class="after-card"><a href="${at('/account')}">Back to your account</a></p>
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}

function emailPage(
  request: PageRequest,
  present: string,
  email: string,
  errors: readonly FieldError[] = [],
): PageAnswer {
  const hint = `We send a link there. Until you open it, ${present} stays.`;
  const body = html`${field({ name: 'email', label: 'New email', type: 'email', autocomplete: 'email', value: email, hint, errors })}
  ${button('Send me the link')}`;
  return page(
    withErrors('Change email', errors),
    html`<div class="narrow">
      <h1>Change email</h1>
      ${errorList(errors)} ${form(at('/account/email'), request.csrfToken, body)}
      <p class="after-card"><a href="${at('/account')}">Back to your account</a></p>
    </div>`,
    errors.length > 0 ? 422 : 200,
  );
}
