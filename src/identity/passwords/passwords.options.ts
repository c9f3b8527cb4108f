import { KeyRing } from '../../core/key-ring.ts';
import { type OptionTable, type Read, Unfit } from '../../core/options.ts';
import { integer, optional, showSize, size, type Size, text } from '../../core/readers.ts';
import type { BreachedPasswords } from './breached/breached.ts';
import { MAX_MEMORY_KIB, MAX_PARALLELISM, MAX_PASSES, OWASP_MINIMUM } from './phc-string.ts';

/** Passwords: how long they must be, what they must not be, and what a hash of one costs. */
export interface PasswordsOptions {
  /** Characters of a password that is the only thing asked for at sign-in. */
  minimumLength?: number;
  /** Characters of a password that is asked for together with a second factor. */
  minimumLengthWithSecondFactor?: number;
  /** Memory of one hash. */
  memory?: Size;
  /** How often a hash goes over its memory. */
  passes?: number;
  /** Lanes of one hash. */
  parallelism?: number;
  /** Hashes computed at once. `auto` (default): one less than there are cores and threads in Node's pool. */
  concurrency?: number | 'auto';
  /** Hashes that may wait for their turn; whoever comes after them gets 503. */
  waiting?: number;
  /** A secret that goes into every hash. `true`: that of the policy. Elsewhere its key ring, `(await loadPolicy(...)).keys`. */
  pepper?: KeyRing | true;
  /** Passwords known from breaches: `filterFile(...)`, `rangeService(...)`, or an object of that shape. */
  breached?: BreachedPasswords;
  /**
   * The SECURITY_PASSWORD_SALT of an application of Flask-Security whose accounts were imported: its hashes are keyed
   * with it. Until each of them has signed in.
   */
  flaskSecuritySalt?: string | undefined;
}

/** {@link PasswordsOptions}, read. */
export interface PasswordsSettings {
  readonly minimumLength: number;
  readonly minimumLengthWithSecondFactor: number;
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly concurrency: number | 'auto';
  readonly waiting: number;
  /** `true`: the key ring of the policy, which is not read yet. */
  readonly pepper: KeyRing | true | undefined;
  readonly breached: BreachedPasswords | undefined;
  readonly flaskSecuritySalt: string | undefined;
}

const OWASP = 'OWASP Password Storage Cheat Sheet; ASVS v5.0.0-11.4.2';
const SHORTEST = 8;
const LONGEST_MINIMUM = 64;

const minimum = atLeast(SHORTEST, LONGEST_MINIMUM);

/** The defaults and why. */
export const passwordsOptions: OptionTable<PasswordsSettings> = {
  minimumLength: {
    default: 15,
    read: minimum,
    reason: 'A password that stands alone must outlast guessing at full speed on a stolen hash.',
    source: 'NIST SP 800-63B-4 3.1.1.2; ASVS v5.0.0-6.2.1',
    example: 'passwords: { minimumLength: 15 }',
  },
  minimumLengthWithSecondFactor: {
    default: 8,
    read: minimum,
    reason: 'A guessed password alone opens nothing where a second factor is asked for.',
    source: 'NIST SP 800-63B-4 3.1.1.2; ASVS v5.0.0-6.2.1',
    example: 'passwords: { minimumLengthWithSecondFactor: 8 }',
  },
  memory: {
    default: OWASP_MINIMUM.memory,
    shown: '19MB',
    read: memory,
    reason: 'Memory is what makes guessing on graphics cards dear; every sign-in under way takes this much.',
    source: OWASP,
    example: "passwords: { memory: '19MB' }",
  },
  passes: {
    default: OWASP_MINIMUM.passes,
    read: atLeast(OWASP_MINIMUM.passes, MAX_PASSES),
    reason:
      'With 19 MiB two passes are the least that is recommended; more cost the same to you and to who guesses.',
    source: OWASP,
    example: 'passwords: { passes: 2 }',
  },
  parallelism: {
    default: OWASP_MINIMUM.parallelism,
    read: integer(OWASP_MINIMUM.parallelism, MAX_PARALLELISM),
    reason: 'Sign-ins already run side by side; lanes within one hash would only compete with them.',
    source: OWASP,
    example: 'passwords: { parallelism: 1 }',
  },
  concurrency: {
    default: 'auto',
    read: concurrency,
    reason: 'One core stays free for all other requests, one thread of the pool for files and name look-ups.',
    source:
      'measured: 8 sign-ins at once take p99 of other pages from 14 ms to 150-2,450 ms; ASVS v5.0.0-15.2.2',
    example: 'passwords: { concurrency: 2 }',
  },
  waiting: {
    default: 64,
    read: integer(0, 10_000),
    reason:
      'At 40 hashes a second and core the last in line waits under two seconds; beyond that 503 is kinder.',
    source: 'ASVS v5.0.0-15.2.2',
    example: 'passwords: { waiting: 64 }',
  },
  pepper: {
    default: undefined,
    read: keyRing,
    reason:
      'A stolen table of peppered hashes cannot be guessed at all; but whoever loses the secret loses every password, so it is for those who keep secrets apart from the database and back them up.',
    source: 'NIST SP 800-63B-4 3.1.1.2; OWASP Password Storage Cheat Sheet',
    example: 'passwords: { pepper: true }',
  },
  breached: {
    default: undefined,
    read: breachedPasswords,
    reason: 'A list has to be fetched or a service asked, and neither is done unasked.',
    source: 'ASVS v5.0.0-6.2.12; NIST SP 800-63B-4 3.1.1.2',
    example: "passwords: { breached: filterFile('breached.filter') }",
  },
  flaskSecuritySalt: {
    default: undefined,
    read: optional(text(/^.+$/s, 'a text that is not empty')),
    reason: 'Flask-Security hashes no password but its HMAC under this salt, which is not in its table.',
    source: 'Flask-Security, SECURITY_PASSWORD_SALT and SECURITY_PASSWORD_SINGLE_HASH',
    secret: true,
    example: 'passwords: { flaskSecuritySalt: process.env.SECURITY_PASSWORD_SALT }',
  },
};

/** A whole number that is refused as unsafe, not merely as odd, where it is below what is recommended. */
function atLeast(least: number, most: number): Read<number> {
  const read = integer(least, most);
  return (value, path, problems) => {
    if (typeof value === 'number' && value < least) throw new Unfit(`at least ${least}`, true);
    return read(value, path, problems);
  };
}

function memory(...[value, path, problems]: Parameters<Read<number>>): number {
  const bytes = size(1, MAX_MEMORY_KIB * 1024)(value, path, problems);
  const least = OWASP_MINIMUM.memory * 1024;
  if (bytes < least)
    throw new Unfit(`at least ${showSize(least)}: below that a stolen hash is cheap to guess`, true);
  return Math.floor(bytes / 1024);
}

function concurrency(...[value, path, problems]: Parameters<Read<number>>): number | 'auto' {
  return value === 'auto' ? value : integer(1, 128)(value, path, problems);
}

function keyRing(...[value]: Parameters<Read<KeyRing | true>>): KeyRing | true {
  if (value === true) return value;
  if (typeof value === 'string' || value instanceof Uint8Array) {
    throw new Unfit(
      'true, or the key ring of a policy, never the secret itself: code lies in repositories',
      true,
    );
  }
  if (!(value instanceof KeyRing))
    throw new Unfit('true, or the key ring of a policy: (await loadPolicy(...)).keys');
  return value;
}

function breachedPasswords(...[value]: Parameters<Read<BreachedPasswords>>): BreachedPasswords {
  const isSource =
    typeof value === 'object' && value !== null && 'lookUp' in value && typeof value.lookUp === 'function';
  if (!isSource)
    throw new Unfit('filterFile(...), rangeService(...) or an object with `lookUp(sha1, context)`');
  return value as BreachedPasswords;
}
