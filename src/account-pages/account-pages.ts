/** The one table of account pages: what is asked, and what answers it. */
import type { Accounts } from '../accounts/accounts.ts';
import { showAccount } from './account-overview.ts';
import { askDeletion, keepAccount, showDeleted, showDeletion, showKeep } from './deletion-pages.ts';
import { exportData } from './export-pages.ts';
import { CHALLENGE_PAGES } from './challenge-parts.ts';
import {
  changeEmail,
  changePassword,
  confirmEmail,
  showEmail,
  showEmailConfirm,
  showEmailSent,
  showPassword,
} from './credential-pages.ts';
import {
  type PageAnswer,
  type PageContext,
  type PageHandler,
  type PageRequest,
  redirect,
} from './exchange.ts';
import {
  confirmApp,
  enrolApp,
  forgetRememberedBrowsers,
  makeCodes,
  removeApp,
  removePasskey,
  showNewPasskey,
} from './factor-pages.ts';
import {
  againOptions,
  passkeyScriptRoute,
  proveOwnPasskey,
  proveSecondPasskey,
  registerPasskey,
  registrationOptions,
  secondPasskeyOptions,
  signInOptions,
  signInWithPasskey,
} from './passkey-routes.ts';
import { confirm, register, showConfirm, showRegister, showRegisterSent } from './register-pages.ts';
import { mailPage } from './mail-page.ts';
import { askReset, choose, showChoose, showReset, showResetDone, showResetSent } from './reset-pages.ts';
import { IDENTITY_PAGES, providerPages } from './provider-pages.ts';
import { proveAgain, showAgain, showContinue } from './step-up-pages.ts';
import { nameOwnDevice, revokeOthers, revokeSession } from './session-routes.ts';
import { proveCode, showCode, showSignedOut, showSignIn, signIn, signOut } from './sign-in-pages.ts';
import { TOKEN_PAGES } from './token-pages.ts';
import { at } from './own-path.ts';

const PAGES: ReadonlyMap<string, PageHandler> = new Map<string, PageHandler>([
  ['GET /login', showSignIn],
  ['POST /login', signIn],
  ['GET /login/code', showCode],
  ['POST /login/code', proveCode],
  ['POST /login/code/passkey/options', secondPasskeyOptions],
  ['POST /login/code/passkey', proveSecondPasskey],
  ['GET /login/passkey/options', signInOptions],
  ['POST /login/passkey', signInWithPasskey],
  ['GET /login/again', showAgain],
  ['POST /login/again', proveAgain],
  ['POST /login/again/passkey/options', againOptions],
  ['POST /login/again/passkey', proveOwnPasskey],
  ['GET /login/continue', showContinue],
  ['POST /logout', signOut],
  ['GET /signed-out', showSignedOut],

  ['GET /register', showRegister],
  ['POST /register', register],
  ['GET /register/sent', showRegisterSent],
  ['GET /register/confirm', showConfirm],
  ['POST /register/confirm', confirm],

  ['GET /reset', showReset],
  ['POST /reset', askReset],
  ['GET /reset/sent', showResetSent],
  ['GET /reset/confirm', showChoose],
  ['POST /reset/confirm', choose],
  ['GET /reset/done', showResetDone],

  ['GET /account', showAccount],
  ['GET /account/password', showPassword],
  ['POST /account/password', changePassword],
  // Where password managers send people who change one (W3C, A Well-Known URL for Changing Passwords).
  ['GET /.well-known/change-password', () => redirect(at('/account/password'))],
  ['GET /account/email', showEmail],
  ['POST /account/email', changeEmail],
  ['GET /account/email/sent', showEmailSent],
  ['GET /account/email/confirm', showEmailConfirm],
  ['POST /account/email/confirm', confirmEmail],
  ['POST /account/totp', enrolApp],
  ['POST /account/totp/confirm', confirmApp],
  ['POST /account/totp/remove', removeApp],
  ['POST /account/recovery-codes', makeCodes],
  ['GET /account/passkeys.js', passkeyScriptRoute],
  ['GET /account/passkeys/new', showNewPasskey],
  ['POST /account/passkeys/options', registrationOptions],
  ['POST /account/passkeys', registerPasskey],
  ['POST /account/passkeys/remove', removePasskey],
  ['POST /account/devices/forget', forgetRememberedBrowsers],
  ['POST /account/export', exportData],
  ['GET /account/delete', showDeletion],
  ['POST /account/delete', askDeletion],
  ['GET /account/deleted', showDeleted],
  ['GET /account/keep', showKeep],
  ['POST /account/keep', keepAccount],
  ['POST /account/sessions/name', nameOwnDevice],
  ['POST /account/sessions/revoke', revokeSession],
  ['POST /account/sessions/revoke-others', revokeOthers],
  [
    'GET /dev/mail',
    ({ mailbox }, request) => (mailbox === undefined ? { kind: 'none' } : mailPage(mailbox, request.words)),
  ],
]);

/**
 * `METHOD /path` of every page that has a rule of its own, those of API tokens, providers and challenges where there are
 * none too.
 */
export function ruledPages(base: string): readonly string[] {
  const extra = [...TOKEN_PAGES.keys(), ...IDENTITY_PAGES, ...CHALLENGE_PAGES.keys()];
  return [...PAGES.keys(), ...extra].map((key) => keyUnder(base, key));
}

/** `METHOD /path` of every page that these accounts have. */
export function listAccountPages(context: PageContext): readonly string[] {
  return [...pagesOf(context).keys()];
}

/** Answers a request to one of these pages; `none` where it is to none. */
export async function answerAccountPage(context: PageContext, request: PageRequest): Promise<PageAnswer> {
  const handler = pagesOf(context).get(keyOf(request.method, request.path));
  return handler === undefined ? { kind: 'none' } : await handler(context, request);
}

/** Whether one of these pages answers a request. What is none of them stays the application's, body and all. */
export function isAccountPage(context: PageContext, method: string, path: string): boolean {
  return pagesOf(context).has(keyOf(method, path));
}

const tables = new WeakMap<Accounts, ReadonlyMap<string, PageHandler>>();

function pagesOf({ accounts, base }: PageContext): ReadonlyMap<string, PageHandler> {
  const known = tables.get(accounts);
  if (known !== undefined) return known;
  const { apiTokens, challenge, identities } = accounts;
  const own = [
    ...(apiTokens === undefined ? [] : TOKEN_PAGES),
    ...(challenge === undefined ? [] : CHALLENGE_PAGES),
    ...PAGES,
  ].map(([key, handler]) => [keyUnder(base, key), handler] as const);
  const isTaken = (path: string): boolean =>
    PAGES.has(`GET ${path.slice(base.length)}`) || path.startsWith(`${base}/account/`);
  const table = new Map([
    ...(identities === undefined ? [] : providerPages(identities, base, isTaken)),
    ...own,
  ]);
  tables.set(accounts, table);
  return table;
}

/** Where a page stands on a site; what others look for at an address of their choice stays there. */
function keyUnder(base: string, key: string): string {
  const [method = '', path = ''] = key.split(' ');
  return path.startsWith('/.well-known/') ? key : `${method} ${base}${path}`;
}

function keyOf(method: string, path: string): string {
  return `${method === 'HEAD' ? 'GET' : method} ${path}`;
}
