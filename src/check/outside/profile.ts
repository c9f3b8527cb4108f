/** Whom to sign in, and how: a file beside the application, whose secrets stand in the environment. */

import type { ApiWays } from '../../core/rule.ts';

/** A profile as it was read. */
export interface Profile {
  /** The page with the form of the sign-in: its path. */
  readonly url: string;
  /** What is typed into it, by the names of its fields. */
  readonly fields: ReadonlyMap<string, string>;
  /** The field that holds the name of the account, and that of its password. */
  readonly nameField: string;
  readonly passwordField: string;
  /** A page that says who is signed in, by a text that it has for nobody else. */
  readonly signedIn: { readonly url: string; readonly text: string };
  readonly signOut: string | undefined;
  /** How a token gets from a page or cookie into a header, where no form has it. */
  readonly token: TokenRecipe | undefined;
  /** The sign-in takes JSON. */
  readonly json: boolean;
  readonly reset: NamedForm | undefined;
  readonly register: NamedForm | undefined;
  /** An account that has a second factor: its name and password. */
  readonly secondFactor: ReadonlyMap<string, string> | undefined;
  /** A second account. */
  readonly other: ReadonlyMap<string, string> | undefined;
  /** The box by which one stays signed in, as it is sent where it is ticked. */
  readonly stay: ReadonlyMap<string, string> | undefined;
  readonly mostSessions: number | undefined;
  readonly api: ApiWays | undefined;
  /** Values that no report may show. */
  readonly secrets: readonly string[];
}

/** A form that takes the name of an account. */
export interface NamedForm {
  readonly url: string;
  readonly field: string;
}

/** Where a token is, and which header takes it. */
export interface TokenRecipe {
  readonly from: 'cookie' | 'meta';
  readonly name: string;
  readonly header: string;
}

/** A file that is no profile. */
export class BadProfile extends Error {
  override readonly name = 'BadProfile';
}

/**
 * Reads a profile.
 *
 * @param environment - where `{ "env": "NAME" }` is looked up
 * @throws BadProfile
 */
export function readProfile(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Profile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadProfile('it is no JSON');
  }
  const profile = recordOf(value, 'the profile');
  for (const key of Object.keys(profile)) {
    if (!KEYS.has(key)) throw new BadProfile(`${key} is nothing that a profile has: ${[...KEYS].join(', ')}`);
  }
  const secrets: string[] = [];
  const fields = fieldsOf(profile['fields'], 'fields', environment, secrets);
  const passwordField = [...fields.keys()].find((name) => /pass|pwd|secret/i.test(name));
  const nameField = [...fields.keys()].find((name) => name !== passwordField);
  if (passwordField === undefined || nameField === undefined) {
    throw new BadProfile(
      'fields names that of the account and that of its password, such as email and password',
    );
  }
  const signedIn = recordOf(profile['signedIn'], 'signedIn');
  const other = profile['other'] === undefined ? undefined : recordOf(profile['other'], 'other');
  const factor =
    profile['secondFactor'] === undefined ? undefined : recordOf(profile['secondFactor'], 'secondFactor');
  const { stay, mostSessions } = profile;
  return {
    url: pathOf(profile['url'], 'url'),
    fields,
    nameField,
    passwordField,
    signedIn: {
      url: pathOf(signedIn['url'], 'signedIn.url'),
      text: textOf(signedIn['text'], 'signedIn.text'),
    },
    signOut: profile['signOut'] === undefined ? undefined : pathOf(profile['signOut'], 'signOut'),
    token: tokenOf(profile['token']),
    json: profile['json'] === true,
    reset: namedFormOf(profile['reset'], 'reset'),
    register: namedFormOf(profile['register'], 'register'),
    secondFactor:
      factor === undefined
        ? undefined
        : fieldsOf(factor['fields'], 'secondFactor.fields', environment, secrets),
    other: other === undefined ? undefined : fieldsOf(other['fields'], 'other.fields', environment, secrets),
    stay:
      stay === undefined
        ? undefined
        : fieldsOf(recordOf(stay, 'stay')['fields'], 'stay.fields', environment, secrets),
    mostSessions: mostSessions === undefined ? undefined : countOf(mostSessions, 'mostSessions'),
    api: apiOf(profile['api'], environment, secrets),
    secrets,
  };
}

const KEYS = new Set([
  'url',
  'fields',
  'signedIn',
  'signOut',
  'token',
  'json',
  'reset',
  'register',
  'other',
  'secondFactor',
  'stay',
  'mostSessions',
  'api',
]);

/** Each of them is a sign-in. */
const MOST_SESSIONS = 20;

function countOf(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_SESSIONS)
    return value;
  throw new BadProfile(`${name} is a whole number from 1 to ${MOST_SESSIONS}`);
}

function apiOf(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  secrets: string[],
): ApiWays | undefined {
  if (value === undefined) return undefined;
  const { url, token, key } = recordOf(value, 'api');
  return {
    url: pathOf(url, 'api.url'),
    token: secretOf(token, 'api.token', environment, secrets),
    key: secretOf(key, 'api.key', environment, secrets),
  };
}

/** What `{ "env": "NAME" }` names. */
function secretOf(
  value: unknown,
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  secrets: string[],
): string {
  const variable = textOf(recordOf(value, name)['env'], `${name}.env`);
  const found = environment[variable];
  if (found === undefined || found === '')
    throw new BadProfile(`the environment has no ${variable}, which ${name} asks for`);
  secrets.push(found);
  return found;
}

function fieldsOf(
  value: unknown,
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  secrets: string[],
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(recordOf(value, name)).map(([field, one]): [string, string] => {
      if (typeof one === 'string') {
        // A password in a file is one in the repository next.
        if (/pass|pwd|secret/i.test(field))
          throw new BadProfile(`${name}.${field} is { "env": "NAME" }: no password stands in a profile`);
        return [field, one];
      }
      return [field, secretOf(one, `${name}.${field}`, environment, secrets)];
    }),
  );
}

function tokenOf(value: unknown): TokenRecipe | undefined {
  if (value === undefined) return undefined;
  const { cookie, meta, header } = recordOf(value, 'token');
  if ((cookie === undefined) === (meta === undefined))
    throw new BadProfile('token has cookie or meta, and header');
  return {
    from: cookie === undefined ? 'meta' : 'cookie',
    name: textOf(cookie ?? meta, 'token.cookie'),
    header: textOf(header, 'token.header').toLowerCase(),
  };
}

function namedFormOf(value: unknown, name: string): NamedForm | undefined {
  if (value === undefined) return undefined;
  const { url, field } = recordOf(value, name);
  return { url: pathOf(url, `${name}.url`), field: textOf(field, `${name}.field`) };
}

function pathOf(value: unknown, name: string): string {
  const text = textOf(value, name);
  // Nothing in a profile leads to another host.
  if (!/^\/(?![/\\])/.test(text)) throw new BadProfile(`${name} is a path, such as /login`);
  return text;
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw new BadProfile(`${name} is missing, or no text`);
  return value;
}

function recordOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadProfile(`${name} is missing, or no object`);
  return value as Readonly<Record<string, unknown>>;
}
