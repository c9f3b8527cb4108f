/** The options of a framework for the server that it would make, where the layer makes it. */
import { BulwarkError } from '../core/errors.ts';
import type { TlsOptions } from './server.ts';

const TLS_NAMES: ReadonlySet<string> = new Set<keyof TlsOptions>([
  'key',
  'cert',
  'ca',
  'pfx',
  'passphrase',
  'SNICallback',
]);

/**
 * Key and certificate out of the options of a framework. Undefined where there are none. Anything else would have no
 * effect here, or weaken what the policy says: nobody would notice.
 *
 * @param where - what the framework calls them
 * @throws BulwarkError ERR_BULWARK_SERVER_OPTION where there is anything else among them
 */
export function tlsOptionsOf(options: object, where: string): TlsOptions | undefined {
  const names = Object.keys(options);
  const others = names.filter((name) => !TLS_NAMES.has(name));
  if (others.length === 0) return names.length > 0 ? options : undefined;
  throw refusedOption(
    `${where} has ${others.join(', ')}: the policy makes the server, see its timeouts; here go ${[...TLS_NAMES].join(', ')}`,
  );
}

/** The error for an option that the layer cannot honour. */
export function refusedOption(message: string): BulwarkError {
  return new BulwarkError('ERR_BULWARK_SERVER_OPTION', message);
}
