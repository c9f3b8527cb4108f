/** What `bulwark gateway` is told on its command line. */
import { type GatewayOptions, gatewayOptions } from '../gateway/options/gateway.options.ts';
import { checkFlag } from './flag.ts';
import { type TlsFlags, tlsOf } from './gateway-tls.ts';

/** The name in the environment by which workers have the secret of a run that was given none. */
export const RUN_SECRET = 'BULWARK_RUN_SECRET';

/** As commander reads it, for every command that runs a gateway. */
export interface GatewayFlags extends TlsFlags {
  readonly upstream?: readonly string[];
  readonly listen?: string;
  readonly policy?: string;
  readonly origin?: string;
  readonly trustProxy?: string[];
  readonly keepAlive?: GatewayOptions['keepAlive'];
  readonly vault?: true | string[];
  readonly workers?: string;
  readonly management?: string;
  readonly accessLog?: GatewayOptions['accessLog'] | true;
  readonly observe?: true;
}

/** What of it is not of the policy's section of the gateway, and that section. */
export interface ReadFlags extends Pick<GatewayFlags, 'policy' | 'origin' | 'trustProxy' | 'observe'> {
  readonly gateway: GatewayOptions;
}

const NAMES: readonly (keyof GatewayFlags)[] = [
  'upstream',
  'listen',
  'policy',
  'origin',
  'trustProxy',
  'keepAlive',
  'vault',
  'workers',
  'management',
  'accessLog',
  'observe',
  'tlsCert',
  'tlsKey',
  'httpListen',
];

/** Writes it as a command line again: for workers, which read it anew. What else a command is told is not theirs. */
export function writeFlags(flags: GatewayFlags): readonly string[] {
  return NAMES.flatMap((name) => {
    const value = flags[name];
    if (value === undefined) return [];
    const words = value === true ? [] : typeof value === 'string' ? [value] : value;
    return [[optionOf(name)], words].flat();
  });
}

/**
 * Reads it.
 *
 * @throws WrongUse where a value does not fit
 */
export function readFlags(written: GatewayFlags): ReadFlags {
  const { policy, origin, trustProxy, workers, accessLog, upstream, listen, keepAlive, vault, management } =
    written;
  const tls = tlsOf(written);
  const given: GatewayOptions = {
    ...(tls !== undefined && { tls }),
    ...(written.httpListen !== undefined && { httpListen: written.httpListen }),
    ...(upstream !== undefined && { upstream }),
    ...(listen !== undefined && { listen }),
    ...(keepAlive !== undefined && { keepAlive }),
    ...(vault !== undefined && { vault }),
    ...(workers !== undefined && { workers: workers === 'auto' ? workers : Number(workers) }),
    ...(management !== undefined && { management }),
    ...(accessLog !== undefined && { accessLog: accessLog === true ? 'stdout' : accessLog }),
  };
  for (const name of Object.keys(given) as (keyof GatewayOptions)[])
    checkFlag(optionOf(name), gatewayOptions[name], given[name]);
  return {
    gateway: given,
    ...(policy !== undefined && { policy }),
    ...(origin !== undefined && { origin }),
    ...(trustProxy !== undefined && { trustProxy }),
    ...(written.observe !== undefined && { observe: written.observe }),
  };
}

function optionOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
