import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import { type OptionTable, type Read, Unfit } from '../../core/options.ts';
import { integer, listOf } from '../../core/readers.ts';
import { parseHost, showHost } from './host-name.ts';

/** One reading of a request: how it is framed, which host, method and path it names. */
export interface FirewallOptions {
  /** `enforce` (default), `observe` or `off`. Address, host and path are read in every mode. */
  mode?: Mode;
  /** Methods that are answered at all, in capitals. Any other gets 405. */
  methods?: readonly string[];
  /** Further hosts to answer for, exactly as browsers send them: `'files.internal'`, `'10.0.0.5:3000'`. */
  hosts?: readonly string[];
  /** Header lines a request may have; more get 431. 10 to 1000. */
  headerLines?: number;
  /** Characters of a request target, path and query together; more get 414. 256 to 16384. */
  urlLength?: number;
}

/** {@link FirewallOptions}, read. */
export interface FirewallSettings {
  readonly mode: Mode;
  readonly methods: readonly string[];
  /** Lower case, canonical. */
  readonly hosts: readonly string[];
  readonly headerLines: number;
  readonly urlLength: number;
}

const method: Read<string> = (value) => {
  if (value === '*') throw new Unfit('a list of the methods that you serve, not a wildcard', true);
  if (value === 'TRACE' || value === 'TRACK' || value === 'CONNECT') {
    throw new Unfit('without TRACE, TRACK and CONNECT: they echo cookies or open tunnels', true);
  }
  if (typeof value !== 'string' || !/^[A-Z][A-Z-]{1,31}$/.test(value)) {
    throw new Unfit("a method in capitals, such as 'GET'");
  }
  return value;
};

const methods: Read<readonly string[]> = (value, path, problems) => {
  const list = listOf(method, "a list of methods, such as ['GET', 'HEAD', 'POST']")(value, path, problems);
  if (list.length === 0) throw new Unfit('a list of at least one method');
  return [...new Set(list)];
};

const host: Read<string> = (value) => {
  if (typeof value === 'string' && (value.includes('*') || value.startsWith('.'))) {
    throw new Unfit('exact hosts; a wildcard lets whoever can add a name choose your links', true);
  }
  const parsed = typeof value === 'string' ? parseHost(value) : undefined;
  if (parsed === undefined) throw new Unfit("a host without scheme or path, such as 'files.internal:8080'");
  return showHost(parsed);
};

/** The defaults and why. */
export const firewallOptions: OptionTable<FirewallSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'A request that two programs can read in two ways is refused before either does.',
    source: 'RFC 9112 11.2; ASVS v5.0.0-4.2.1',
    example: "firewall: { mode: 'observe' }",
  },
  methods: {
    default: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    read: methods,
    reason: 'What web applications use; TRACE echoes cookies, the rest nobody watches.',
    source: 'RFC 9110 9; ASVS v5.0.0-4.1.4, v5.0.0-13.4.4',
    example: "firewall: { methods: ['GET', 'HEAD', 'POST'] }",
  },
  hosts: {
    default: [],
    read: listOf(host, "a list of hosts, such as ['files.internal']"),
    reason: 'The public origin is answered for, and nothing else: a forged Host poisons links and caches.',
    source: 'RFC 9110 7.2, 7.4; CWE-644',
    example: "firewall: { hosts: ['files.internal'] }",
  },
  headerLines: {
    default: 100,
    read: integer(10, 1000),
    reason:
      'A browser sends about 20. Node.js drops lines past its own cap in silence, and Content-Length with them.',
    source: 'Apache LimitRequestFields (100); RFC 6585 5',
    example: 'firewall: { headerLines: 200 }',
  },
  urlLength: {
    default: 8192,
    read: integer(256, 16_384),
    reason: 'Far past any link, and short enough that nothing behind us cuts it.',
    source: 'RFC 9112 3 (at least 8000)',
    example: 'firewall: { urlLength: 4096 }',
  },
};
