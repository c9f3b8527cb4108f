import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import type { OptionTable } from '../../core/options.ts';
import { boolean, type Size, size } from '../../core/readers.ts';

/** Request bodies: how large, and whether compressed. */
export interface BodyOptions {
  /** `enforce` (default), `observe` or `off`. */
  mode?: Mode;
  /** The largest body that is taken, such as `'10MB'` (default). A route may say otherwise. */
  limit?: Size;
  /** Whether bodies may come compressed. Default false: few clients do it, and a small one may unfold to gigabytes. */
  compressed?: boolean;
}

/** {@link BodyOptions}, read. */
export interface BodySettings {
  readonly mode: Mode;
  /** Bytes. */
  readonly limit: number;
  readonly compressed: boolean;
}

/** The defaults and why. */
export const bodyOptions: OptionTable<BodySettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'A body past its limit is cut off, not only counted.',
    source: 'OWASP REST Security Cheat Sheet; CWE-770',
    example: "body: { mode: 'observe' }",
  },
  limit: {
    default: 10 * 1024 * 1024,
    shown: "'10MB'",
    read: size(1024, 10 * 1024 ** 3),
    reason: 'Holds any form and most documents; a handful at once does not fill memory.',
    source: 'OWASP File Upload Cheat Sheet; CWE-770',
    example: "body: { limit: '1MB' }",
  },
  compressed: {
    default: false,
    read: boolean,
    reason: 'One kilobyte can unfold to a megabyte, past every limit that counts what came over the wire.',
    source: 'CWE-409; RFC 7694',
    example: 'body: { compressed: true }',
  },
};
