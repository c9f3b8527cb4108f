/** Sign-in protection for an application that knows nothing of it. */
import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import { type OptionTable, type Read, readOptions, Unfit } from '../../core/options.ts';
import { type Rate, rateReader, type RateText } from '../../core/rate.ts';
import { boolean, integer, listOf, oneOf, optional, text } from '../../core/readers.ts';

/** What tells one kind of answer: all that is said here must be so. */
export interface AnswerPattern {
  readonly status?: number;
  /** How the address begins that it redirects to: `/account`. */
  readonly location?: string;
  /** A text in the first 64 KB of its body. */
  readonly body?: string;
  /** A cookie that it sets, by name. */
  readonly cookie?: string;
}

/** One sign-in form, where the gateway cannot find it by itself or takes it for another. */
export interface SignInFormOptions {
  /** Where it is sent to: `/login`. */
  path: string;
  /** How it is sent. Default `POST`. */
  method?: 'POST' | 'PUT' | 'PATCH';
  /** The field that names the account, as forms write it: `username`, `user[email]` (of JSON too). */
  account?: string;
  /** The field of the password, written likewise. */
  password?: string;
  /** Answers that let somebody in. Where it is given, no other answer does. */
  success?: AnswerPattern;
  /** Answers that let nobody in. */
  failure?: AnswerPattern;
}

/** {@link SignInFormOptions}, read. */
export interface SignInFormSettings {
  readonly path: string;
  readonly method: string;
  readonly account: string;
  readonly password: string;
  readonly success: AnswerPattern | undefined;
  readonly failure: AnswerPattern | undefined;
}

/** How often somebody may try to sign in to the application behind the gateway. */
export interface SignInOptions {
  /** `enforce` (default), `observe` or `off`. */
  mode?: Mode;
  /** Whether forms are looked for, on pages and in what is sent. Off: those of `forms` alone count. */
  find?: boolean;
  /** Forms that are named here are read as it is said here. */
  forms?: readonly SignInFormOptions[];
  /** Paths where nothing is a sign-in although it looks like one, such as one that makes accounts for others. */
  except?: readonly string[];
  /** Tries of one client, whatever the account. Browsers that the account knows are counted for themselves. */
  perClient?: RateText;
  /** Tries for one account, from all browsers that it does not know. */
  perAccount?: RateText;
  /** Tries of one client, or of one known browser, for one account. */
  perPair?: RateText;
}

/** {@link SignInOptions}, read. */
export interface SignInSettings {
  readonly mode: Mode;
  readonly find: boolean;
  readonly forms: readonly SignInFormSettings[];
  readonly except: readonly string[];
  readonly perClient: Rate;
  readonly perAccount: Rate;
  readonly perPair: Rate;
}

const EXAMPLE =
  "gateway: { signIn: { forms: [{ path: '/login', account: 'username', password: 'password' }] } }";
const path = text(/^\/[^?#\s]{0,1000}$/, "a path, such as '/login'");
const field = text(/^[^\p{Cc}]{1,200}$/u, "the name of a field, such as 'username'");
const words = text(/^[^\p{Cc}]{1,200}$/u, 'a text of at most 200 characters');
const MOST = 64;

const patternOptions: OptionTable<AnswerPattern> = {
  status: pattern(optional(integer(200, 599)), '303'),
  location: pattern(optional(words), "'/account'"),
  body: pattern(optional(words), "'Wrong name or password'"),
  cookie: pattern(optional(words), "'sessionid'"),
};

function pattern<T>(read: Read<T | undefined>, shown: string): OptionTable<{ one: T | undefined }>['one'] {
  return {
    default: undefined,
    shown: 'not looked at',
    read,
    reason: 'Only you know how your application answers.',
    source: 'measured: a failed sign-in to Flask is a 200',
    example: `failure: { status: 200, body: ${shown} }`,
  };
}

const readPattern: Read<AnswerPattern> = (value, where, problems) => {
  const read = readOptions(where, patternOptions, value, problems);
  if (Object.values(read).every((one) => one === undefined))
    throw new Unfit('at least one of status, location, body, cookie');
  return read;
};

/** One form of `signIn.forms`. */
export const signInFormOptions: OptionTable<SignInFormSettings> = {
  path: {
    default: '/login',
    read: path,
    reason: 'What most applications call it.',
    source: 'Flask-Login, Django and Express in their documentation',
    example: EXAMPLE,
  },
  method: {
    default: 'POST',
    read: oneOf('POST', 'PUT', 'PATCH'),
    reason: 'A password in an address would be in every log.',
    source: 'RFC 9110 9.3.3; ASVS v5.0.0-14.2.1',
    example: EXAMPLE,
  },
  account: {
    default: 'username',
    read: field,
    reason: 'The field that most forms have.',
    source: 'HTML, autofill: `username`',
    example: EXAMPLE,
  },
  password: {
    default: 'password',
    read: field,
    reason: 'The field that most forms have.',
    source: 'HTML, autofill: `current-password`',
    example: EXAMPLE,
  },
  success: {
    default: undefined,
    shown: 'told by several signs',
    read: optional(readPattern),
    reason:
      'A redirect elsewhere with a new session is told without a word; what is otherwise is for you to say.',
    source: 'measured: docs/guides/flask.md',
    example: "success: { status: 302, location: '/account' }",
  },
  failure: {
    default: undefined,
    shown: 'told by several signs',
    read: optional(readPattern),
    reason:
      'The form again, 401 and their like are told without a word; what is otherwise is for you to say.',
    source: 'measured: docs/guides/flask.md',
    example: "failure: { status: 200, body: 'Wrong name or password' }",
  },
};

const forms = listOf<SignInFormSettings>((value, where, problems) => {
  return readOptions(where, signInFormOptions, value, problems);
}, 'a list of forms');

const paths = listOf(path, 'a list of paths');

function few<T>(read: Read<readonly T[]>): Read<readonly T[]> {
  return (value, where, problems) => {
    const list = read(value, where, problems);
    if (list.length > MOST) throw new Unfit(`at most ${MOST} of them`);
    return list;
  };
}

/** The defaults and why. */
export const signInOptions: OptionTable<SignInSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'An application that counts nothing lets a program try a thousand passwords a minute.',
    source: 'ASVS v5.0.0-6.3.1; CWE-307',
    example: "gateway: { signIn: { mode: 'observe' } }",
  },
  find: {
    default: true,
    read: boolean,
    reason: 'A form that somebody forgot to name would be one that nobody counts.',
    source: 'CWE-307',
    example: 'gateway: { signIn: { find: false } }',
  },
  forms: {
    default: [],
    shown: 'found',
    read: few(forms),
    reason: 'What a page asks for, and what is sent, says it.',
    source: 'HTML, 4.10.5.1.6: the type `password`',
    example: EXAMPLE,
  },
  except: {
    default: [],
    shown: '[]',
    read: few(paths),
    reason: 'What brings a name and a password is nearly always a sign-in.',
    source: 'CWE-307',
    example: "gateway: { signIn: { except: ['/api/users'] } }",
  },
  perClient: {
    default: { count: 20, windowMs: 60_000 },
    shown: '20/minute',
    read: rateReader,
    reason:
      'An office behind one address signs in within it; a list of stolen passwords does not go through it.',
    source: 'OWASP Credential Stuffing Prevention Cheat Sheet; ASVS v5.0.0-6.3.1',
    example: "gateway: { signIn: { perClient: '20/minute' } }",
  },
  perAccount: {
    default: { count: 10, windowMs: 60_000 },
    shown: '10/minute',
    read: rateReader,
    reason: 'Two hundred addresses that guess one password are one attack.',
    source: 'NIST SP 800-63B-4 3.2.2; ASVS v5.0.0-6.3.1',
    example: "gateway: { signIn: { perAccount: '10/minute' } }",
  },
  perPair: {
    default: { count: 5, windowMs: 60_000 },
    shown: '5/minute',
    read: rateReader,
    reason: 'A person mistypes twice; a program has thousands to try.',
    source: 'NIST SP 800-63B-4 3.2.2; ASVS v5.0.0-6.3.1',
    example: "gateway: { signIn: { perPair: '5/minute' } }",
  },
};
