/** What the calls of passwords take. */
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
} from '../../core/call.ts';
import type { LookUpContext } from './breached/breached.ts';
import type { BuildRequest } from './breached/build-filter.ts';
import type { PasswordSubject } from './passwords.ts';

const SIGNAL = maybe(made('an AbortSignal', { addEventListener: callback }));

/** Of `Passwords`, and of what stands beside it. */
export const PASSWORD_CALLS: Calls<
  | 'of'
  | 'shortest'
  | 'check'
  | 'hash'
  | 'verify'
  | 'describeHash'
  | 'filterFile'
  | 'rangeService'
  | 'buildFilter'
> = {
  of: call("Passwords.of({ minimumLength: 15 }, ['Files', 'files.example.com'])", {
    options: anything,
    serviceWords: texts,
  }),
  shortest: call('passwords.shortest(false)', { secondFactor: flag }),
  check: call('await passwords.check(password, { secondFactor: false, ownWords: [user.email] })', {
    password: anyText,
    subject: fields<PasswordSubject>({ secondFactor: flag, ownWords: texts }),
    context: made('an object with the audit of the request', {
      signal: SIGNAL,
      audit: maybe(callback),
    } satisfies Record<keyof LookUpContext, unknown>),
  }),
  hash: call('await passwords.hash(password)', { password: anyText, signal: SIGNAL }),
  verify: call('await passwords.verify(user?.passwordHash, password)', {
    stored: (value) => (value === null ? undefined : maybe(anyText)(value)),
    password: anyText,
    signal: SIGNAL,
  }),
  describeHash: call('describeHash(user.passwordHash)', { stored: anyText }),
  filterFile: call("filterFile('breached.filter')", { path: name }),
  rangeService: call('rangeService()', { options: anything, request: maybe(callback) }),
  buildFilter: call("await buildFilter({ list: 'list.txt', out: 'breached.filter' })", {
    request: fields<BuildRequest>({
      list: name,
      out: name,
      errorRate: maybe(amount),
      atLeast: maybe(amount),
      onProgress: maybe(callback),
      signal: SIGNAL,
    }),
  }),
};
