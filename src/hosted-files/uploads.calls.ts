/** What the calls of files take. */
import {
  amount,
  anyText,
  call,
  callback,
  type Calls,
  fields,
  type Fit,
  made,
  maybe,
  name,
} from '../core/call.ts';
import { onLayer } from '../core/layer-parts.ts';
import type { FilePlace } from '../stores/ports/files.ts';
import type { PageOptions, TakeOptions } from './uploads.ts';

const GIVEN = made('what the handler was given first', {});
const limit: Fit = (value) =>
  value === undefined || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1000)
    ? undefined
    : { path: '', reason: 'it must be a whole number from 1 to 1000' };
const PAGE = fields<PageOptions>({
  behind: maybe(fields<FilePlace>({ createdAt: amount, id: name })),
  limit,
});
const KEPT: Fit = (value) =>
  value === undefined || (typeof value === 'number' && value > 0)
    ? undefined
    : { path: '', reason: 'it must be milliseconds, and more than none' };

const WISHES = [
  fields<{ with: string; endsAt?: number }>({ with: name, endsAt: maybe(amount) }),
  fields<{ link: string; endsAt?: number }>({
    link: (value) =>
      value === 'once' || value === 'until-end'
        ? undefined
        : { path: '', reason: "it must be 'once' or 'until-end'" },
    endsAt: maybe(amount),
  }),
] as const;

const WISH: Fit = (value) =>
  WISHES[typeof value === 'object' && value !== null && 'link' in value ? 1 : 0](value);

/** The checks. */
export const UPLOADS_CALLS: Calls<
  | 'find'
  | 'list'
  | 'of'
  | 'remove'
  | 'removeAll'
  | 'resume'
  | 'revoke'
  | 'send'
  | 'sendLink'
  | 'share'
  | 'sharedWith'
  | 'shares'
  | 'take'
  | 'usage'
> = {
  of: call('Uploads.of(layer), with const layer = bulwark(policy)', { layer: onLayer, clock: callback }),
  take: call('await uploads.take(request)', {
    request: GIVEN,
    options: fields<TakeOptions>({ owner: maybe(name), keepFor: KEPT }),
  }),
  resume: call('await uploads.resume(request, response)', { request: GIVEN }),
  send: call('await uploads.send(id, request, response)', { id: anyText, request: GIVEN }),
  sendLink: call('await uploads.sendLink(token, request, response)', { token: anyText, request: GIVEN }),
  find: call('await uploads.find(account, id)', { account: name, id: anyText }),
  list: call('await uploads.list(account, { limit: 50 })', { owner: name, options: PAGE }),
  usage: call('await uploads.usage(account)', { owner: name }),
  remove: call('await uploads.remove(account, id)', { owner: name, id: anyText }),
  removeAll: call('await uploads.removeAll(account)', { owner: name }),
  share: call("await uploads.share(account, id, { with: 'another account' })", {
    owner: name,
    id: anyText,
    wish: WISH,
  }),
  shares: call('await uploads.shares(account, id)', { owner: name, id: anyText }),
  revoke: call('await uploads.revoke(account, id, share)', { owner: name, id: anyText, share: anyText }),
  sharedWith: call('await uploads.sharedWith(account, { limit: 50 })', { account: name, options: PAGE }),
};
