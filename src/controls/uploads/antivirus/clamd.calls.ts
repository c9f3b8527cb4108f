/** What the calls about clamd take. */
import {
  call,
  callback,
  type Check,
  count,
  fields,
  type Fit,
  made,
  maybe,
  name,
} from '../../../core/call.ts';
import type { ClamdOptions } from './clamd.ts';

const shape = fields<ClamdOptions>({
  socket: maybe(name),
  host: maybe(name),
  port: maybe(count),
  size: maybe(count),
  timeout: maybe(count),
  atOnce: maybe(count),
  waiting: maybe(count),
});
const options: Fit = (value) => {
  const fault = shape(value);
  if (fault !== undefined) return fault;
  const { socket, host, port } = value as ClamdOptions;
  const isPlaced = socket === undefined ? host !== undefined : host === undefined && port === undefined;
  return isPlaced ? undefined : { path: '', reason: 'it must name either a socket, or a host' };
};

/** Of `clamd`. */
export const checkClamd: Check = call("clamd({ socket: '/run/clamav/clamd.ctl' })", { options });

/** Of `watchSignatures`. */
export const checkWatch: Check = call('watchSignatures(clamd({ socket }), () => lookAgain())', {
  scanner: made('what clamd(...) gives back', { version: callback }),
  onChange: callback,
  setup: fields<{ every?: number; after?: number }>({ every: maybe(count), after: maybe(count) }),
});
