/** Secrets from the environment, from files it names, and in development from `.env`. */
import { call, fields, made, maybe, name } from '../core/call.ts';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { Problems } from '../core/problems.ts';
import { NEW_SECRET, type SecretProvider } from './provider.ts';
import { isParted, partsOf, refuseParted } from './parted.ts';
import { endOfDay } from './secret-end.ts';
import { codeOf, readSecretFile } from './secret-file.ts';

/** Where {@link env} looks. Both are for tests and unusual start scripts. */
export interface EnvOptions {
  /** Instead of `process.env`. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Where `.env` lies, and what relative paths in `..._FILE` start from. Instead of the working directory. */
  directory?: string;
}

const checkEnv = call('env()', {
  options: fields<EnvOptions>({
    environment: maybe(made('an object like process.env', {})),
    directory: maybe(name),
  }),
});

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Secrets from environment variables: `BULWARK_SECRET`, and `BULWARK_SECRET_PREVIOUS` with older ones between
 * commas. Each may be given as `..._FILE` instead, the path of a file that holds it, as containers mount secrets.
 * `BULWARK_SECRET_ENDS`, a day, has the log ask for a new one before. In development, `.env` fills in what the environment lacks; in production it is not read.
 */
export function env(options: EnvOptions = {}): SecretProvider {
  checkEnv(options);
  return {
    name: 'env',
    tellsEnds: true,
    load(name, problems) {
      const directory = options.directory ?? process.cwd();
      const place = new EnvPlace(options.environment ?? process.env, directory, problems);
      const current = place.find(name);
      const previous = place.find(`${name}_PREVIOUS`);
      if (current === undefined) {
        if (previous !== undefined) refuseLonelyPrevious(name, problems);
        return [];
      }
      if (isParted(current)) refuseParted(name, name, `${name}=$(${NEW_SECRET.openssl})`, problems);
      const ends = place.find(`${name}_ENDS`);
      const until = ends === undefined ? undefined : endOfDay(ends);
      if (ends !== undefined && until === undefined) refuseEnd(name, problems);
      return [
        until === undefined ? current : { value: current, since: 0, until },
        ...partsOf(previous ?? ''),
      ];
    },
    remedy: (name) => `${name}=$(${NEW_SECRET.openssl})   or: ${NEW_SECRET.node}`,
    rotation: (name) =>
      `move the one of now to ${name}_PREVIOUS, then ${name}=$(${NEW_SECRET.openssl}), and a later day in ${name}_ENDS`,
  };
}

class EnvPlace {
  readonly #environment: Variables;
  readonly #dotenv: Variables;
  readonly #directory: string;
  readonly #problems: Problems;

  constructor(environment: Variables, directory: string, problems: Problems) {
    this.#environment = environment;
    this.#directory = directory;
    this.#problems = problems;
    this.#dotenv = readDotenv(resolve(directory, '.env'), problems);
  }

  /** The value of a variable or of the file it names; the real environment hides `.env`, in both spellings. */
  find(name: string): string | undefined {
    if (isGiven(this.#environment, name)) return this.#read(this.#environment, name);
    if (!isGiven(this.#dotenv, name)) return undefined;
    if (this.#problems.environment === 'development') return this.#read(this.#dotenv, name);
    this.#problems.refuse(
      'ERR_BULWARK_SECRET_MISSING',
      name,
      `there is one in ${resolve(this.#directory, '.env')}, and that file is not read in production: it is a development file, and travels with copies of the source.`,
      `put it into the real environment, or name a mounted file in ${name}_FILE`,
    );
    return undefined;
  }

  #read(from: Variables, name: string): string | undefined {
    const value = given(from, name);
    const path = given(from, `${name}_FILE`);
    if (value !== undefined && path !== undefined) {
      this.#problems.refuse(
        'ERR_BULWARK_INVALID_OPTION',
        name,
        `${name} and ${name}_FILE are both set, and nothing says which one is meant.`,
        `unset one of them, best ${name}: a file is not inherited by child processes`,
      );
      return undefined;
    }
    if (path === undefined) return value?.trim();
    return readSecretFile(resolve(this.#directory, path), `${name}_FILE`, this.#problems)?.trim();
  }
}

/** Set and not empty: Compose and CI pass variables they do not know on as empty ones. */
function given(from: Variables, name: string): string | undefined {
  const value = Object.hasOwn(from, name) ? from[name] : undefined;
  return value === undefined || value.trim() === '' ? undefined : value;
}

function isGiven(from: Variables, name: string): boolean {
  return given(from, name) !== undefined || given(from, `${name}_FILE`) !== undefined;
}

/** What `.env` holds. In production only so that a message can say that it was not used. */
function readDotenv(path: string, problems: Problems): Variables {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    // Password managers mount `.env` as a pipe, for a developer who waits; a server's start must never hang on one.
    if (stats === undefined || (!stats.isFile() && problems.environment === 'production')) return {};
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if (problems.environment === 'development') {
      problems.warn(
        'ERR_BULWARK_SECRET_MISSING',
        'secrets',
        `${path} could not be read (${codeOf(error)}).`,
        `make it a readable text file with lines of NAME=value`,
      );
    }
    return {};
  }
}

function refuseLonelyPrevious(name: string, problems: Problems): void {
  problems.refuse(
    'ERR_BULWARK_SECRET_MISSING',
    name,
    `${name}_PREVIOUS is set and ${name} is not, so there is nothing to sign with.`,
    `${name}=$(${NEW_SECRET.openssl})`,
  );
}

function refuseEnd(name: string, problems: Problems): void {
  problems.refuse(
    'ERR_BULWARK_INVALID_OPTION',
    `${name}_ENDS`,
    'it is no day, so that nobody would be told before the secret ends.',
    `${name}_ENDS=2027-06-30`,
  );
}
