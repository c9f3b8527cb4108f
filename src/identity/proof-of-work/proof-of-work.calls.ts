/** What the calls of proof of work take. */
import {
  amount,
  anyText,
  call,
  type Calls,
  callback,
  type Fit,
  fields,
  made,
  maybe,
  name,
} from '../../core/call.ts';
import type { WorkSubject } from './proof-of-work.ts';

const FORM = /^[a-z\d-]{1,32}$/;
const form: Fit = (value) =>
  typeof value === 'string' && FORM.test(value)
    ? undefined
    : { path: '', reason: 'it must be 1 to 32 small letters, digits and dashes' };
const SUBJECT = fields<WorkSubject>({ form, client: name, level: maybe(amount) });

/** Of `ProofOfWork`. */
export const WORK_CALLS: Calls<'of' | 'issue' | 'take'> = {
  of: call('ProofOfWork.of(await loadPolicy(policy))', {
    policy: made('what loadPolicy gives back', {
      keys: made('', { sign: callback }),
      state: made('', { counters: made('', { take: callback }) }),
      challenge: made('', { bits: amount }),
    }),
    clock: callback,
  }),
  issue: call("work.issue({ form: 'sign-in', client: bulwark.of(request).client.key })", {
    subject: SUBJECT,
  }),
  take: call(
    "await work.take({ form: 'sign-in', client: bulwark.of(request).client.key }, challenge, proof)",
    { subject: SUBJECT, challenge: anyText, proof: anyText },
  ),
};
