/** What the calls of the sender take. */
import {
  amount,
  call,
  callback,
  type Calls,
  count,
  fields,
  type Fit,
  made,
  maybe,
  name,
} from '../../core/call.ts';
import { BulwarkError } from '../../core/errors.ts';
import { onLayer } from '../../core/layer-parts.ts';
import type { WebhookSetup } from './sender.ts';
import { keyOf } from './signatures.ts';

const pauses: Fit = (value) =>
  Array.isArray(value) && value.every((one) => amount(one) === undefined && (one as number) >= 0)
    ? undefined
    : { path: '', reason: 'it must be a list of milliseconds' };
const type: Fit = (value) =>
  typeof value === 'string' && /^[\w.-]{1,128}$/.test(value)
    ? undefined
    : { path: '', reason: 'it must be a name of an event, such as invoice.paid' };
const json: Fit = (value) =>
  value === undefined || typeof value === 'function' || typeof value === 'symbol'
    ? { path: '', reason: 'it must be something that JSON has' }
    : undefined;

/** Of `Webhooks`. */
export const SENDER_CALLS: Calls<'of' | 'send'> = {
  of: call('Webhooks.of(layer, { outbound: Outbound.of(layer), endpoint })', {
    layer: onLayer,
    setup: fields<WebhookSetup>({
      outbound: made('what Outbound.of(layer) gives back', { fetch: callback }),
      endpoint: callback,
      store: maybe(
        made('an object with save, remove and list', { save: callback, remove: callback, list: callback }),
      ),
      retries: maybe(pauses),
      atOnce: maybe(count),
      waiting: maybe(count),
      ended: maybe(callback),
    }),
  }),
  send: call("await webhooks.send('customer-7', 'invoice.paid', { id })", {
    endpoint: name,
    type,
    data: json,
  }),
};

/** The standard has 20 KB as what receivers take at least. */
const LONGEST = 256 * 1024;

/** @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where it is longer than receivers take */
export function checkPayload(body: string): void {
  if (Buffer.byteLength(body) > LONGEST)
    throw new BulwarkError(
      'ERR_BULWARK_INVALID_ARGUMENT',
      'webhooks.send: data: it is more than 256 KB of JSON: send an id, by which the receiver asks for it',
    );
}

/** @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where one could be guessed */
export function checkSecrets(secrets: readonly string[]): void {
  const fits = (secret: unknown): boolean => {
    if (typeof secret !== 'string' || !/^whsec_[\w+/]{32,88}={0,2}$/.test(secret)) return false;
    const { length } = keyOf('standard', secret);
    return length >= 24 && length <= 64;
  };
  if (Array.isArray(secrets) && secrets.length >= 1 && secrets.length <= 2 && secrets.every(fits)) return;
  throw new BulwarkError(
    'ERR_BULWARK_INVALID_ARGUMENT',
    'secrets of a webhook: one or two, each whsec_ and 24 to 64 random bytes in base64',
  );
}
