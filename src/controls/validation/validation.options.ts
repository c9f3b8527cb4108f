import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import { readFileSync } from 'node:fs';
import { isPlainObject, type OptionTable, Unfit } from '../../core/options.ts';
import { integer, optional, type Size, size } from '../../core/readers.ts';
import { DocumentGuard } from './openapi-guard.ts';

/** Bodies in JSON: that there is one reading of them, whoever parses them afterwards. */
export interface ValidationOptions {
  /** `enforce` (default), `observe` or `off`. A route may take what it likes: `json: 'any'`. */
  mode?: Mode;
  /** Objects and lists inside one another: 1 to 256, default 32. */
  depth?: number;
  /** Names of members and entries of lists, altogether: default 100,000. */
  entries?: number;
  /** The largest body in JSON, which is held in memory whole: default `'10MB'`. */
  size?: Size;
  /**
   * An OpenAPI document of version 3.0 or 3.1, or the path of one in JSON: what it does not name is refused, on every host and before
   * the application. Needs the package `ajv`.
   */
  openapi?: string | Readonly<Record<string, unknown>>;
}

/** {@link ValidationOptions}, read. The size is bytes. */
export interface ValidationSettings {
  readonly mode: Mode;
  readonly depth: number;
  readonly entries: number;
  readonly size: number;
  readonly openapi: DocumentGuard | undefined;
}

/** The defaults and why. */
export const validationOptions: OptionTable<ValidationSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'What one reader checks and another acts on is no check: they must have read the same.',
    source: 'ASVS v5.0.0-1.5.3; RFC 8259 4, RFC 7493 2.3',
    example: "validation: { mode: 'observe' }",
  },
  depth: {
    default: 32,
    read: integer(1, 256),
    reason: 'Deeper than any form or document of an API; readers and handlers that recurse have a bound.',
    source: 'CWE-674; RFC 8259 9',
    example: 'validation: { depth: 64 }',
  },
  entries: {
    default: 100_000,
    read: integer(1, 10_000_000),
    reason: 'A list of a hundred thousand is a file; what handlers do for each entry is paid by everyone.',
    source: 'CWE-770',
    example: 'validation: { entries: 1000000 }',
  },
  size: {
    default: 10 * 1024 * 1024,
    shown: "'10MB'",
    read: size(1024, 256 * 1024 * 1024),
    reason: 'It is held whole; larger data comes as a file, which is not.',
    source: 'CWE-770; OWASP REST Security Cheat Sheet',
    example: "validation: { size: '50MB' }",
  },
  openapi: {
    default: undefined,
    read: optional(document),
    reason: 'Where there is a document, what is not in it is nothing that a client of yours sends.',
    source: 'ASVS v5.0.0-2.2.1; OWASP API Security Top 10, API9:2023',
    example: "validation: { openapi: 'openapi.json' }",
  },
};

function document(value: unknown): DocumentGuard {
  try {
    const read: unknown = typeof value === 'string' ? JSON.parse(readFileSync(value, 'utf8')) : value;
    if (isPlainObject(read)) return new DocumentGuard(read);
  } catch (error) {
    const isFile = typeof value === 'string' && (error instanceof SyntaxError || 'code' in (error as Error));
    throw new Unfit(isFile ? 'the path of a document in JSON that can be read' : (error as Error).message);
  }
  throw new Unfit('an OpenAPI document, or the path of one in JSON');
}
