/** What the calls of sign-in with others take. */
import {
  anyText,
  anything,
  call,
  type Calls,
  callback,
  either,
  fields,
  flag,
  made,
  maybe,
  word,
} from '../../core/call.ts';
import type { OidcBeginning } from './oidc.ts';

const VISIT = made('what bulwark.of(request) gives back', {
  audit: callback,
  session: made('', { get: callback, set: callback, issueToken: callback, useToken: callback }),
});

/** Of `SignInProviders`. */
export const OIDC_CALLS: Calls<'of' | 'begin' | 'finish'> = {
  of: call('SignInProviders.of(await loadPolicy(policy))', {
    policy: made('what loadPolicy gives back', {
      // That of a policy that is only declared is a text.
      origin: maybe(made('', { origin: anyText })),
      providers: made('', {}),
    }),
    clock: callback,
  }),
  begin: call("await providers.begin(bulwark.of(request), 'example', { purpose: 'sign-in' })", {
    visit: VISIT,
    provider: anyText,
    what: fields<OidcBeginning>({
      purpose: word('sign-in', 'link', 'again'),
      next: anything,
      stay: maybe(flag),
    }),
  }),
  finish: call("await providers.finish(bulwark.of(request), 'example', request.url)", {
    visit: VISIT,
    provider: anyText,
    callback: either('a text or a URL', anyText, made('', { href: anyText })),
  }),
};
