/** Where an upstream listens, as people write it. */
import { BulwarkError } from '../core/errors.ts';
import type { UpstreamAddress } from './upstream/connection.ts';

const FIX = "write 'http://127.0.0.1:8000' or 'unix:/run/app.sock'";

/**
 * Reads `http://HOST:PORT` or `unix:/PATH`.
 *
 * @throws BulwarkError ERR_BULWARK_INVALID_OPTION
 */
export function readUpstream(text: string): UpstreamAddress {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    if (!path.startsWith('/')) throw invalid('a path from the root must follow unix:');
    return { path };
  }
  if (!URL.canParse(text)) throw invalid('it is no address');
  const url = new URL(text);
  if (url.protocol !== 'http:')
    throw invalid('only plain http is spoken to an upstream, on a network of your own');
  if (
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== '' ||
    url.password !== ''
  )
    throw invalid('a host and a port are all that it may name');
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 80 : Number(url.port) };
}

function invalid(reason: string): BulwarkError {
  return new BulwarkError('ERR_BULWARK_INVALID_OPTION', `upstream: ${reason}; ${FIX}`);
}
