/** What the calls of second factors take. */
import { anyText, anything, call, type Calls, callback, fields, made, maybe, name } from '../../core/call.ts';
import type { PasskeyOwner } from './passkeys.ts';

const VIEW = 'what bulwark.of(request) gives back';
const VISIT = made(VIEW, { audit: callback });
const SESSION_VISIT = made(VIEW, {
  audit: callback,
  session: made('', { issueToken: callback, useToken: callback }),
});
const CLIENT_VISIT = made(VIEW, { audit: callback, client: made('', { address: anyText }) });

/** Of `SecondFactors`. */
export const MFA_CALLS: Calls<'of' | 'overview' | 'removeAccount'> = {
  of: call('SecondFactors.of(await loadPolicy(policy))', {
    policy: made('what loadPolicy gives back', {
      state: made('', { counters: made('', {}) }),
      keys: made('', { sign: callback }),
      origin: maybe(made('', { hostname: anyText })),
      mfa: made('', {}),
    }),
    clock: callback,
  }),
  overview: call('await factors.overview(user.id)', { account: name }),
  removeAccount: call('await factors.removeAccount(bulwark.of(request), user.id)', {
    visit: VISIT,
    account: name,
  }),
};

/** Of `factors.totp`. */
export const TOTP_CALLS: Calls<'enrol' | 'shownAgain' | 'confirm' | 'verify' | 'remove'> = {
  enrol: call('await factors.totp.enrol(user.id, user.email)', { account: name, label: anyText }),
  shownAgain: call('await factors.totp.shownAgain(user.id, user.email, request.body.enrolment)', {
    account: name,
    label: anyText,
    id: anyText,
  }),
  confirm: call('await factors.totp.confirm(bulwark.of(request), user.id, code)', {
    visit: VISIT,
    account: name,
    code: anyText,
  }),
  verify: call('await factors.totp.verify(bulwark.of(request), user.id, code)', {
    visit: VISIT,
    account: name,
    code: anyText,
  }),
  remove: call('await factors.totp.remove(bulwark.of(request), user.id)', { visit: VISIT, account: name }),
};

/** Of `factors.recoveryCodes`. */
export const RECOVERY_CALLS: Calls<'create' | 'use' | 'left'> = {
  create: call('await factors.recoveryCodes.create(bulwark.of(request), user.id)', {
    visit: VISIT,
    account: name,
  }),
  use: call('await factors.recoveryCodes.use(bulwark.of(request), user.id, code)', {
    visit: VISIT,
    account: name,
    typed: anyText,
  }),
  left: call('await factors.recoveryCodes.left(user.id)', { account: name }),
};

/** Of `factors.passkeys`. What a browser made is read by itself, whatever it is. */
export const PASSKEY_CALLS: Calls<
  | 'registrationOptions'
  | 'register'
  | 'signIn'
  | 'secondFactorOptions'
  | 'verify'
  | 'list'
  | 'rename'
  | 'remove'
> = {
  registrationOptions: call(
    'await factors.passkeys.registrationOptions(bulwark.of(request), { account: user.id, name: user.email })',
    {
      visit: SESSION_VISIT,
      owner: fields<PasskeyOwner>({ account: name, name: anyText, displayName: maybe(anyText) }),
    },
  ),
  register: call("await factors.passkeys.register(bulwark.of(request), user.id, response, 'My phone')", {
    visit: SESSION_VISIT,
    account: name,
    response: anything,
    name: anyText,
  }),
  signIn: call('await factors.passkeys.signIn(bulwark.of(request), response)', {
    visit: VISIT,
    response: anything,
  }),
  secondFactorOptions: call('await factors.passkeys.secondFactorOptions(bulwark.of(request), user.id)', {
    visit: SESSION_VISIT,
    account: name,
  }),
  verify: call('await factors.passkeys.verify(bulwark.of(request), user.id, response)', {
    visit: SESSION_VISIT,
    account: name,
    response: anything,
  }),
  list: call('await factors.passkeys.list(user.id)', { account: name }),
  rename: call("await factors.passkeys.rename(bulwark.of(request), user.id, id, 'My phone')", {
    visit: VISIT,
    account: name,
    id: anyText,
    name: anyText,
  }),
  remove: call('await factors.passkeys.remove(bulwark.of(request), user.id, id)', {
    visit: VISIT,
    account: name,
    id: anyText,
  }),
};

/** Of `factors.rememberedBrowsers`. */
export const DEVICE_CALLS: Calls<'remember' | 'recognise' | 'list' | 'forget' | 'forgetAll'> = {
  remember: call(
    "await factors.rememberedBrowsers.remember(bulwark.of(request), user.id, request.headers['user-agent'], request.headers.cookie)",
    { visit: CLIENT_VISIT, account: name, userAgent: maybe(anyText), cookieHeader: maybe(anyText) },
  ),
  recognise: call(
    'await factors.rememberedBrowsers.recognise(bulwark.of(request), user.id, request.headers.cookie)',
    {
      visit: VISIT,
      account: name,
      cookieHeader: maybe(anyText),
    },
  ),
  list: call('await factors.rememberedBrowsers.list(user.id, request.headers.cookie)', {
    account: name,
    cookieHeader: maybe(anyText),
  }),
  forget: call('await factors.rememberedBrowsers.forget(bulwark.of(request), user.id, id)', {
    visit: VISIT,
    account: name,
    id: anyText,
  }),
  forgetAll: call('await factors.rememberedBrowsers.forgetAll(bulwark.of(request), user.id)', {
    visit: VISIT,
    account: name,
  }),
};
