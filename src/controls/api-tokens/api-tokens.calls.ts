/** What the calls of API tokens take. */
import {
  amount,
  anyText,
  call,
  type Calls,
  callback,
  fields,
  type Fit,
  made,
  maybe,
  name,
  texts,
} from '../../core/call.ts';
import type { ApiTokenWish } from './api-tokens.ts';
import { isBinding } from '../../core/bound-to.ts';

const VISIT = made('what bulwark.of(request) gives back', { audit: callback });

// It goes into the pattern as it is.
const prefix: Fit = (value) =>
  typeof value === 'string' && /^[a-z][a-z0-9]{1,15}$/.test(value)
    ? undefined
    : { path: '', reason: 'it must be 2 to 16 small letters and digits' };

/** What a token may be bound to. */
export const binding: Fit = (value) =>
  typeof value === 'string' && isBinding(value)
    ? undefined
    : { path: '', reason: "it must be 'first-use', or the thumbprint of a key (RFC 7638), in base64url" };

/** Of `ApiTokens`. */
export const API_TOKEN_CALLS: Calls<'of' | 'create' | 'list' | 'revoke' | 'revokeAll' | 'pattern'> = {
  of: call('ApiTokens.of(await loadPolicy(policy))', {
    policy: made('what loadPolicy gives back', {
      state: made('', {}),
      // A policy that is only declared has texts, or nothing.
      apiTokens: made('', { scopes: texts, expiresIn: amount, longest: amount }),
    }),
    clock: callback,
  }),
  create: call(
    "await tokens.create(bulwark.of(request), user.id, { name: 'CI', scopes: ['files:read'], expiresIn: '30d' })",
    {
      // Who asks is looked at: where nothing says so, a token could make tokens.
      visit: (value) =>
        VISIT(value) ??
        ('principal' in (value as object) ? undefined : { path: 'principal', reason: 'it must be there' }),
      account: name,
      wish: fields<ApiTokenWish>({
        name: anyText,
        scopes: texts,
        expiresIn: maybe(anyText),
        boundTo: maybe(binding),
      }),
      before: callback,
    },
  ),
  list: call('await tokens.list(user.id)', { account: name }),
  revoke: call('await tokens.revoke(bulwark.of(request), user.id, id)', {
    visit: VISIT,
    account: name,
    id: anyText,
  }),
  revokeAll: call('await tokens.revokeAll(bulwark.of(request), user.id)', { visit: VISIT, account: name }),
  pattern: call("apiTokenPattern('bwk')", { prefix }),
};
