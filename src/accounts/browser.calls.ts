/** What is called about the browser of a request: that it stays signed in, and what it posted twice. */
import { anyText, call, type Calls, callback, fields, maybe, name } from '../core/call.ts';
import { RECORD, VISIT } from './accounts.calls.ts';
import type { AnsweredPost } from './answered-posts.ts';

/** Of `accounts.deletion`. */
export const DELETION_CALLS: Calls<'ask' | 'pending' | 'keep'> = {
  ask: call('await accounts.deletion.ask(visit, record)', { visit: VISIT, record: RECORD }),
  pending: call('await accounts.deletion.pending(account.id)', { account: name }),
  keep: call('await accounts.deletion.keep(visit, record)', { visit: VISIT, record: RECORD }),
};

/** Of `accounts.devices`. */
export const DEVICE_NAME_CALLS: Calls<'rename' | 'names'> = {
  rename: call("await accounts.devices.rename(visit, account.id, 'the laptop')", {
    visit: VISIT,
    account: name,
    called: anyText,
    session: maybe(anyText),
  }),
  names: call('await accounts.devices.names(account.id)', { account: name }),
};

/** Of `accounts.stays`. */
export const STAY_CALLS: Calls<'list' | 'end'> = {
  list: call('await accounts.stays.list(account.id)', { account: name }),
  end: call('await accounts.stays.end(visit, account.id, stay.id)', {
    visit: VISIT,
    account: name,
    id: anyText,
  }),
};

/** Of `accounts.answeredPosts`, which pages call. */
export const ANSWERED_CALLS: Calls<'answer'> = {
  answer: call('await accounts.answeredPosts.answer({ text, from }, make, takes)', {
    post: fields<AnsweredPost>({ text: name, from: maybe(name) }),
    make: callback,
    takes: callback,
  }),
};
