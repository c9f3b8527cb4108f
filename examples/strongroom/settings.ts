/** What the environment says, read once and refused with a line that tells the fix. */
import { readFileSync } from 'node:fs';

/** Where and how Strongroom runs. */
export interface Settings {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  /** The directory of every database that is a file. */
  readonly data: string;
  /** PostgreSQL, for sessions and records, in place of files. It holds a password: it is shown nowhere. */
  readonly databaseUrl: string | undefined;
  /** How long anything waits for it, in milliseconds. */
  readonly databaseDeadlineMs: number;
  /** Redis, for sessions. It may hold a password too. */
  readonly redisUrl: string | undefined;
  /** How long anything waits for it, in milliseconds. */
  readonly redisDeadlineMs: number;
  /** What sends mail. Undefined: it is shown instead, in development. It holds a password. */
  readonly smtpUrl: string | undefined;
  /** What people see as the sender of mails. */
  readonly mailFrom: string;
  /** The origin people type. Undefined: whatever loopback address the browser uses, for tests on a port of no one's choosing. */
  readonly origin: string | undefined;
  /** Addresses and networks of proxies whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies: string[];
}

/** Something in the environment cannot be right. The message names the variable and the fix, not the value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `PORT`, `HOST`, `STRONGROOM_DATA`, `STRONGROOM_ORIGIN`, `STRONGROOM_TRUSTED_PROXIES`, `DATABASE_DEADLINE_MS`,
 * `REDIS_DEADLINE_MS`, `MAIL_FROM`, `DATABASE_URL`, `REDIS_URL` and `SMTP_URL`; the last three also from the files that
 * `DATABASE_URL_FILE`, `REDIS_URL_FILE` and `SMTP_URL_FILE` name. An empty variable is an absent one, as container
 * platforms write it.
 *
 * @throws SettingsError where a value is none of its kind
 */
export function readSettings(env: Environment): Settings {
  const port = readPort(given(env.PORT));
  const origin = given(env.STRONGROOM_ORIGIN) ?? (port === 0 ? undefined : `http://localhost:${port}`);
  return {
    port,
    host: given(env.HOST) ?? '127.0.0.1',
    data: given(env.STRONGROOM_DATA) ?? 'data/',
    databaseUrl: readUrl(env, DATABASE),
    databaseDeadlineMs: readDeadline(env, 'DATABASE_DEADLINE_MS', 500),
    redisUrl: readUrl(env, REDIS),
    redisDeadlineMs: readDeadline(env, 'REDIS_DEADLINE_MS', 75),
    smtpUrl: readUrl(env, SMTP),
    mailFrom: given(env.MAIL_FROM) ?? `Strongroom <no-reply@${hostOf(origin)}>`,
    origin,
    trustedProxies: (env.STRONGROOM_TRUSTED_PROXIES ?? '')
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  };
}

/** A variable that says where a store is. */
interface UrlVariable {
  readonly name: string;
  readonly accepts: (url: URL) => boolean;
  readonly example: string;
}

const DATABASE: UrlVariable = {
  name: 'DATABASE_URL',
  // The name of the database is asked for: left out, the driver takes that of the user.
  accepts: ({ protocol, host, pathname, searchParams }) =>
    /^postgres(?:ql)?:$/.test(protocol) && pathname.length > 1 && (host !== '' || searchParams.has('host')),
  example: 'postgres://user:password@host:5432/name',
};
const REDIS: UrlVariable = {
  name: 'REDIS_URL',
  accepts: ({ protocol, host }) => /^rediss?:$/.test(protocol) && host !== '',
  example: 'rediss://user:password@host:6379',
};

const SMTP: UrlVariable = {
  name: 'SMTP_URL',
  accepts: ({ protocol, host }) => /^smtps?:$/.test(protocol) && host !== '',
  example: 'smtps://user:password@mail.example.com:465',
};

/** A URL from its variable or its file. No message repeats it: there is a password in it. */
function readUrl(env: Environment, { name, accepts, example }: UrlVariable): string | undefined {
  const inline = given(env[name]);
  const file = given(env[`${name}_FILE`]);
  if (inline !== undefined && file !== undefined) {
    throw new SettingsError(`${name} and ${name}_FILE are both set. Leave one of them out.`);
  }
  const text = file === undefined ? inline : readText(`${name}_FILE`, file);
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url !== null && accepts(url)) return text;
  throw new SettingsError(
    `${file === undefined ? name : `The file that ${name}_FILE names`} holds no URL that fits. Write one such as ` +
      `${example}, with %40 for an @ in the password, %23 for a # and %2F for a /`,
  );
}

function readText(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new SettingsError(
      `${variable} names a file that cannot be read. Check the path, and who may read it.`,
    );
  }
}

function hostOf(origin: string | undefined): string {
  return (origin === undefined ? undefined : URL.parse(origin)?.hostname) ?? 'localhost';
}

function given(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}

function readPort(text: string | undefined): number {
  if (text === undefined) return 3000;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(port) || port > 65_535) {
    throw new SettingsError(
      'PORT is not a port number. Write one from 1 to 65535, such as PORT=3000 npm start',
    );
  }
  return port;
}

function readDeadline(env: Environment, name: string, otherwise: number): number {
  const text = given(env[name]);
  if (text === undefined) return otherwise;
  const deadline = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (deadline < 10) {
    throw new SettingsError(
      `${name} is no number of milliseconds. Write one from 10 to 999999, such as ${name}=${otherwise}`,
    );
  }
  return deadline;
}
