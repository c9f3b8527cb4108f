/** What the calls of sessions take. */
import {
  amount,
  anyText,
  anything,
  call,
  type Calls,
  callback,
  fields,
  flag,
  made,
  maybe,
  name,
  texts,
  word,
} from '../../core/call.ts';
import type { PrivilegeChange, SignIn } from './sessions.ts';

const IS_TRUE = word('true');

/** Of `bulwark.of(request).session`. */
export const HANDLE_CALLS: Calls<
  | 'get'
  | 'set'
  | 'delete'
  | 'change'
  | 'take'
  | 'hasRoomFor'
  | 'signIn'
  | 'renew'
  | 'revoke'
  | 'issueToken'
  | 'useToken'
> = {
  get: call("session.get('cart')", { key: name }),
  set: call("await session.set('cart', ['17', '4'])", { key: name, value: anything }),
  delete: call("await session.delete('cart')", { key: name }),
  change: call("await session.change('cart', (cart = []) => [...cart, '17'])", { key: name, by: callback }),
  take: call("await session.take('state', request.query.state)", { key: name, text: anyText }),
  hasRoomFor: call("session.hasRoomFor('draft', text)", { key: name, value: anything }),
  signIn: call("await session.signIn({ account: String(user.id), roles: ['member'] })", {
    who: fields<SignIn>({
      account: name,
      roles: maybe(texts),
      mfa: maybe(flag),
      provedAt: maybe(amount),
      values: maybe(made('an object with a value or more, as { cart: [] }', {})),
    }),
  }),
  renew: call('await session.renew({ mfa: true })', {
    change: fields<PrivilegeChange>({
      roles: maybe(texts),
      mfa: maybe(flag),
      signedIn: maybe((value) => (value === true ? undefined : IS_TRUE(value))),
    }),
  }),
  revoke: call('await session.revoke(idHash)', { idHash: anyText }),
  issueToken: call("await session.issueToken('delete-account', 15 * 60_000)", {
    purpose: name,
    ttlMs: (value) =>
      amount(value) ??
      ((value as number) > 0 && (value as number) <= Number.MAX_SAFE_INTEGER
        ? undefined
        : { path: '', reason: 'it must be a positive number of milliseconds' }),
  }),
  useToken: call("await session.useToken('delete-account', request.body.token)", {
    purpose: name,
    token: maybe(anyText),
  }),
};

/** Of `layer.sessions`. */
export const SESSIONS_CALLS: Calls<'list' | 'revoke' | 'revokeAccount'> = {
  list: call('await layer.sessions.list(account.id)', { account: name, now: maybe(amount) }),
  revoke: call('await layer.sessions.revoke(idHash)', { idHash: anyText, exchange: anything }),
  revokeAccount: call('await layer.sessions.revokeAccount(account.id)', {
    account: name,
    exceptIdHash: maybe(anyText),
    exchange: anything,
  }),
};
