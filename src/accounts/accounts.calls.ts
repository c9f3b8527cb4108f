/** What the calls of accounts take. */
import { binding } from '../controls/api-tokens/api-tokens.calls.ts';
import type { ApiTokenWish } from '../controls/api-tokens/api-tokens.ts';
import {
  amount,
  anyText,
  anything,
  call,
  type Calls,
  callback,
  either,
  fields,
  type Fit,
  flag,
  made,
  maybe,
  name,
  texts,
  word,
} from '../core/call.ts';
import { onLayer } from '../core/layer-parts.ts';
import type { OidcBeginning } from '../identity/oidc/oidc.ts';
import type { AccountChange } from '../stores/ports/accounts.ts';
import { describeHash } from '../identity/passwords/describe-hash.ts';
import type { AccountSearch } from './operators/account-finder.ts';
import type { FactorToAdd, NewAccount } from './parts.ts';
import type { ChallengeAnswer } from './defence/challenge.ts';
import { parseEmailAddress } from './email-address.ts';
import type { Credentials, Proof, ProviderProof } from './flows/sign-in.ts';

const OBJECT = made('an object', {});
const VIEW = made('what bulwark.of(request) gives back', {
  audit: callback,
  session: made('', { signIn: callback }),
  client: made('', { address: anyText }),
});
/** A request, as accounts see it. */
export const VISIT: Fit = made('visitOf(bulwark.of(request), request, response)', {
  audit: callback,
  session: made('', { confirm: callback }),
  client: made('', { address: anyText, key: anyText }),
  setCookie: callback,
});
/** What a line of the history has of it: some are of requests that are no visit of the owner. */
const SEEN_FROM = made('visitOf(bulwark.of(request), request, response)', {
  audit: callback,
  client: made('', { address: anyText }),
  userAgent: anyText,
});
/** An account as it is stored. */
export const RECORD: Fit = made('the stored account, as accounts.current(visit) gives it', {
  id: name,
  emailKey: anyText,
  version: amount,
});
const OCCASION = maybe(word('sign-in', 'again'));
const FORM = word('sign-in', 'register', 'reset');

/** Stored as it is, a password in clear would be what a thief of the table reads; and nobody could sign in by it. */
const passwordHash: Fit = (value) => {
  const fault = maybe(anyText)(value);
  if (fault !== undefined || value === undefined) return fault;
  return describeHash(value as string).verifiable
    ? undefined
    : {
        path: '',
        reason: 'it must be a hash that passwords can be compared with: await passwords.hash(password)',
      };
};

const address: Fit = (value) =>
  anyText(value) ??
  (parseEmailAddress(value as string) === undefined
    ? { path: '', reason: 'it must be an address in full, such as anna@example.com' }
    : undefined);

/** Of `Accounts`, and of what stands beside it. */
export const ACCOUNTS_CALLS: Calls<
  | 'of'
  | 'exportData'
  | 'find'
  | 'findByEmail'
  | 'shortestPassword'
  | 'current'
  | 'create'
  | 'setRoles'
  | 'disable'
  | 'remove'
  | 'enable'
  | 'addFactor'
  | 'removeFactor'
  | 'makeRecoveryCodes'
  | 'close'
  | 'visitOf'
> = {
  shortestPassword: call('await accounts.shortestPassword(account.email)', { email: maybe(anyText) }),
  of: call('Accounts.of(layer), with const layer = bulwark(policy)', {
    layer: onLayer,
    clock: callback,
  }),
  find: call('await accounts.find(id)', { id: anyText }),
  findByEmail: call('await accounts.findByEmail(email)', { email: anyText }),
  current: call('await accounts.current(visit)', { visit: VISIT }),
  create: call(
    "await accounts.create({ email, passwordHash: await passwords.hash(password), roles: ['member'] })",
    {
      who: fields<NewAccount>({ email: address, passwordHash, roles: maybe(texts) }),
    },
  ),
  setRoles: call("await accounts.setRoles(visit, account.id, ['member'])", {
    visit: VISIT,
    id: name,
    roles: texts,
  }),
  disable: call('await accounts.disable(visit, account.id)', { visit: VISIT, id: name }),
  exportData: call('await accounts.exportData(visit, account.id)', { visit: VISIT, id: name }),
  remove: call('await accounts.remove(visit, account.id)', { visit: VISIT, id: name }),
  enable: call('await accounts.enable(visit, account.id)', { visit: VISIT, id: name }),
  addFactor: call('await accounts.addFactor(visit, record, { add, what, undo })', {
    visit: VISIT,
    record: RECORD,
    factor: fields<FactorToAdd<{ readonly ok: boolean }>>({ add: callback, what: callback, undo: callback }),
  }),
  removeFactor: call("await accounts.removeFactor(visit, record, 'passkey', remove)", {
    visit: VISIT,
    record: RECORD,
    what: anyText,
    remove: callback,
  }),
  makeRecoveryCodes: call('await accounts.makeRecoveryCodes(visit, record)', {
    visit: VISIT,
    record: RECORD,
  }),
  close: call('await accounts.close(3000)', { graceMs: amount }),
  visitOf: call('visitOf(bulwark.of(request), request, response)', {
    view: VIEW,
    request: made('the request of Node.js', { headers: OBJECT }),
    response: made('the response of Node.js', { appendHeader: callback, once: callback }),
  }),
};

/** Of `accounts.signIn`. What a browser made is read by itself, whatever it is. */
export const SIGN_IN_CALLS: Calls<
  | 'withPassword'
  | 'withProvider'
  | 'pendingSignIn'
  | 'withCode'
  | 'withSecondPasskey'
  | 'withOwnPasskey'
  | 'withPasskey'
  | 'complete'
  | 'resume'
> = {
  withPassword: call('await accounts.signIn.withPassword(visit, { email, password })', {
    visit: VISIT,
    typed: fields<Credentials>({ email: anyText, password: anyText, stay: maybe(flag) }),
    occasion: OCCASION,
  }),
  withProvider: call("await accounts.signIn.withProvider(visit, record, { provider: 'example', provedAt })", {
    visit: VISIT,
    record: RECORD,
    proof: fields<ProviderProof>({ provider: name, provedAt: maybe(amount), stay: maybe(flag) }),
    occasion: OCCASION,
  }),
  pendingSignIn: call('await accounts.signIn.pendingSignIn(visit)', { visit: VISIT }),
  withCode: call('await accounts.signIn.withCode(visit, code, false)', {
    visit: VISIT,
    code: anyText,
    remember: flag,
  }),
  withSecondPasskey: call('await accounts.signIn.withSecondPasskey(visit, response, false)', {
    visit: VISIT,
    response: anything,
    remember: flag,
  }),
  withOwnPasskey: call('await accounts.signIn.withOwnPasskey(visit, record, response)', {
    visit: VISIT,
    record: RECORD,
    response: anything,
  }),
  withPasskey: call('await accounts.signIn.withPasskey(visit, response)', {
    visit: VISIT,
    response: anything,
    stay: maybe(flag),
  }),
  resume: call('await accounts.signIn.resume(visit)', { visit: VISIT }),
  complete: call("await accounts.signIn.complete(visit, record, 'passkey', { mfa: true })", {
    visit: VISIT,
    record: RECORD,
    means: name,
    proof: fields<Proof>({
      mfa: maybe(flag),
      provedAt: maybe(amount),
      first: maybe(flag),
      stay: maybe(word('begin', 'go on')),
    }),
  }),
};

/** Of `accounts.registration`, `accounts.reset` and `accounts.changeEmail`: by mailed links. */
export const LINK_CALLS: Calls<'ask' | 'invite' | 'look' | 'finish' | 'askChange' | 'finishChange'> = {
  ask: call('accounts.registration.ask(visit, email), accounts.reset.ask(visit, email)', {
    visit: VISIT,
    email: anyText,
  }),
  invite: call('accounts.reset.invite(visit, email)', { visit: VISIT, email: anyText }),
  look: call('await accounts.registration.look(token), of the link', { token: anyText }),
  finish: call('await accounts.registration.finish(visit, token, password), of the link and the form', {
    visit: VISIT,
    token: anyText,
    password: anyText,
    form: maybe(anyText),
  }),
  askChange: call('await accounts.changeEmail.ask(visit, record, email)', {
    visit: VISIT,
    record: RECORD,
    email: anyText,
  }),
  finishChange: call('await accounts.changeEmail.finish(visit, token)', {
    visit: VISIT,
    token: anyText,
    form: maybe(anyText),
  }),
};

/** Of `accounts.credentials`, as far as applications call them. */
export const CREDENTIAL_CALLS: Calls<
  'changePassword' | 'hashNew' | 'mustProveFirst' | 'change' | 'raiseVersion' | 'endSignIns'
> = {
  changePassword: call('await accounts.credentials.changePassword(visit, record, { current, next })', {
    visit: VISIT,
    record: RECORD,
    typed: fields<{ readonly current: string; readonly next: string }>({ current: anyText, next: anyText }),
  }),
  hashNew: call('await accounts.credentials.hashNew(visit, record, password)', {
    visit: VISIT,
    record: RECORD,
    password: anyText,
  }),
  mustProveFirst: call('accounts.credentials.mustProveFirst(visit, record)', {
    visit: VISIT,
    record: RECORD,
  }),
  change: call("await accounts.credentials.change(visit, record, { roles: ['member'] }, 'roles-changed')", {
    visit: VISIT,
    record: RECORD,
    change: fields<AccountChange>({
      email: maybe(anyText),
      emailKey: maybe(anyText),
      passwordHash: (value) => (value === null ? undefined : passwordHash(value)),
      roles: maybe(texts),
      disabledAt: (value) => (value === null ? undefined : maybe(amount)(value)),
    }),
    event: name,
    claim: maybe(callback),
  }),
  raiseVersion: call('await accounts.credentials.raiseVersion(account.id)', { id: name }),
  endSignIns: call('await accounts.credentials.endSignIns(account.id)', { id: name }),
};

const ROLE: Fit = (value) =>
  typeof value === 'string' && /^[\w:.-]{1,64}$/.test(value)
    ? undefined
    : { path: '', reason: 'it must be the name of a role: letters, digits, _ : . -' };

const PAGE_SIZE: Fit = (value) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 200
    ? undefined
    : { path: '', reason: 'it must be a number from 1 to 200' };

/** Of `accounts.operators.accounts`. */
export const FINDER_CALLS: Calls<'find' | 'look'> = {
  find: call("await accounts.operators.accounts.find({ begins: 'anna', state: 'disabled' })", {
    search: fields<AccountSearch>({
      begins: maybe(anyText),
      holds: maybe(anyText),
      state: maybe(word('active', 'disabled')),
      role: maybe(anyText),
      after: maybe(anyText),
      limit: maybe(PAGE_SIZE),
    }),
  }),
  look: call('await accounts.operators.accounts.look(id)', { id: anyText }),
};

/** Of `accounts.operators.acts`. */
export const OPERATOR_CALLS: Calls<
  'signOut' | 'endSession' | 'disable' | 'enable' | 'grantRole' | 'revokeRole'
> = {
  signOut: call('await accounts.operators.acts.signOut(visit, account.id)', { visit: VISIT, id: name }),
  endSession: call('await accounts.operators.acts.endSession(visit, account.id, session)', {
    visit: VISIT,
    id: name,
    reference: anyText,
  }),
  disable: call('await accounts.operators.acts.disable(visit, account.id)', { visit: VISIT, id: name }),
  enable: call('await accounts.operators.acts.enable(visit, account.id)', { visit: VISIT, id: name }),
  grantRole: call("await accounts.operators.acts.grantRole(visit, account.id, 'operator')", {
    visit: VISIT,
    id: name,
    role: ROLE,
  }),
  revokeRole: call("await accounts.operators.acts.revokeRole(visit, account.id, 'operator')", {
    visit: VISIT,
    id: name,
    role: ROLE,
  }),
};

/** Of `accounts.operators.resets`. */
export const RESET_CALLS: Calls<'ask' | 'confirm' | 'withdraw' | 'waiting' | 'find' | 'resetNow'> = {
  ask: call("await accounts.operators.resets.ask(visit, account.id, 'called back on the known number')", {
    visit: VISIT,
    id: name,
    reason: name,
  }),
  confirm: call('await accounts.operators.resets.confirm(visit, request)', {
    visit: VISIT,
    requestId: anyText,
  }),
  withdraw: call('await accounts.operators.resets.withdraw(visit, request)', {
    visit: VISIT,
    requestId: anyText,
  }),
  waiting: call('await accounts.operators.resets.waiting(last)', { after: maybe(anyText) }),
  find: call('await accounts.operators.resets.find(request)', { requestId: anyText }),
  resetNow: call('await accounts.operators.resets.resetNow(visit, account.id)', { visit: VISIT, id: name }),
};

/** Of `accounts.activity`. */
export const ACTIVITY_CALLS: Calls<'add' | 'list'> = {
  add: call("await accounts.activity.add(visit, account.id, 'signed-in')", {
    visit: SEEN_FROM,
    account: name,
    event: name,
    detail: maybe(anyText),
  }),
  list: call('await accounts.activity.list(account.id)', { account: name, limit: maybe(amount) }),
};

/** Of `accounts.apiTokens`. */
export const OWN_TOKEN_CALLS: Calls<'create' | 'revoke' | 'revokeAll'> = {
  create: call("await accounts.apiTokens.create(visit, record, { name: 'CI', scopes: ['files:read'] })", {
    visit: VISIT,
    record: RECORD,
    wish: fields<ApiTokenWish>({
      name: anyText,
      scopes: texts,
      expiresIn: maybe(anyText),
      boundTo: maybe(binding),
    }),
  }),
  revoke: call('await accounts.apiTokens.revoke(visit, record, id)', {
    visit: VISIT,
    record: RECORD,
    id: anyText,
  }),
  revokeAll: call('await accounts.apiTokens.revokeAll(visit, record)', { visit: VISIT, record: RECORD }),
};

/** Of `accounts.identities`. */
export const IDENTITY_CALLS: Calls<'begin' | 'finish' | 'list' | 'unlink'> = {
  begin: call("await accounts.identities.begin(visit, 'example', { purpose: 'sign-in' })", {
    visit: VISIT,
    provider: anyText,
    what: fields<OidcBeginning>({
      purpose: word('sign-in', 'link', 'again'),
      next: anything,
      stay: maybe(flag),
    }),
  }),
  finish: call("await accounts.identities.finish(visit, 'example', request.url)", {
    visit: VISIT,
    provider: anyText,
    callback: either('a text or a URL', anyText, made('', { href: anyText })),
  }),
  list: call('await accounts.identities.list(account.id)', { account: name }),
  unlink: call('await accounts.identities.unlink(visit, record, issuer, subject)', {
    visit: VISIT,
    record: RECORD,
    issuer: anyText,
    subject: anyText,
  }),
};

/** Of `accounts.challenge`. */
export const CHALLENGE_CALLS: Calls<'ask' | 'take'> = {
  ask: call("await accounts.challenge.ask(visit, 'sign-in', email)", {
    visit: VISIT,
    form: FORM,
    email: maybe(anyText),
  }),
  take: call("await accounts.challenge.take(visit, 'sign-in', email, { challenge, proof, pause })", {
    visit: VISIT,
    form: FORM,
    email: anyText,
    answer: fields<ChallengeAnswer>({ challenge: anyText, proof: anyText, pause: anyText }),
  }),
};
