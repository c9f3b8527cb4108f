/** What the calls of the outbound room take. */
import {
  anyText,
  call,
  type Calls,
  callback,
  either,
  type Fit,
  fields,
  made,
  maybe,
} from '../../core/call.ts';
import { onLayer } from '../../core/layer-parts.ts';
import type { OutboundInit } from './outbound.ts';

const instance =
  (type: new (...given: never[]) => unknown): Fit =>
  (value) =>
    value instanceof type ? undefined : { path: '', reason: `it must be a ${type.name}` };
/** Nobody behind it reads what these ask for, and some servers answer with what was sent. */
const NEVER = new Set(['CONNECT', 'TRACE', 'TRACK']);
const METHOD = /^[!#$%&'*+.^`|~\w-]{1,32}$/;
const method: Fit = (value) =>
  typeof value === 'string' && METHOD.test(value) && !NEVER.has(value.toUpperCase())
    ? undefined
    : { path: '', reason: 'it must be a method of HTTP, and none of CONNECT, TRACE and TRACK' };
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const headers: Fit = (value) => {
  if (value instanceof Headers) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { path: '', reason: 'it must be an object of header lines, or a Headers' };
  for (const [name, line] of Object.entries(value)) {
    if (!METHOD.test(name) || typeof line !== 'string' || !HEADER_VALUE.test(line))
      return { path: `.${name}`, reason: 'it must be one line of text, under a name of header lines' };
  }
  return undefined;
};
const address: Fit = either('a text or a URL', anyText, instance(URL));

/** Of `Outbound`. */
export const OUTBOUND_CALLS: Calls<'of' | 'fetch'> = {
  of: call('Outbound.of(bulwark(policy))', { layer: onLayer }),
  fetch: call("await outbound.fetch(address, { method: 'POST', body })", {
    address,
    init: fields<OutboundInit>({
      method: maybe(method),
      headers: maybe(headers),
      body: maybe(
        either(
          'a text, bytes or a URLSearchParams',
          anyText,
          instance(Uint8Array),
          instance(URLSearchParams),
        ),
      ),
      signal: maybe(made('an AbortSignal', { addEventListener: callback })),
      requestId: maybe(anyText),
    }),
  }),
};
