/** `npm run strongroom -- COMMAND`: what an operator does at the server. Exit codes: 0 done, 1 failed, 2 wrong use. */
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { BulwarkError, loadPolicy } from 'bulwark';
import { type Account, Accounts } from 'bulwark/accounts';
import { bulwark } from 'bulwark/express';
import { readSettings, type Settings } from './settings.ts';
import { openAccountState } from './state.ts';

const HELP = `Strongroom on the command line.

Usage:
  npm run strongroom -- create-account --email EMAIL --password-stdin [--role ROLE] [--json]

Commands:
  create-account      Make an account that can sign in at once.

Options:
  --email EMAIL       Its address.
  --password-stdin    Read the password from standard input, where no process list or shell history shows it.
  --role ROLE         client (default) or operator.
  --json              Print the result, or what went wrong, as one line of JSON.
  -h, --help          Show this text.

Environment:
  STRONGROOM_DATA     The data directory (default data/). The server may be running.
  DATABASE_URL        PostgreSQL in place of it, as the server has it; or DATABASE_URL_FILE, a file that holds it.

Examples:
  npm run strongroom -- create-account --email anna@example.com --password-stdin < password.txt
  printf '%s' "$PASSWORD" | npm run --silent strongroom -- create-account --email ops@example.com --password-stdin --role operator --json

Exit codes: 0 done, 1 failed, 2 wrong use.
`;

/** What a run came to: exactly what is printed, and the exit code. */
export interface Outcome {
  readonly code: 0 | 1 | 2;
  readonly out: string;
  readonly err: string;
}

const NO_ADDRESS = 'Enter an email address in full, such as anna@example.com.';

type Role = 'client' | 'operator';

interface Flags {
  readonly email?: string;
  readonly 'password-stdin'?: boolean;
  readonly role?: string;
  readonly json?: boolean;
  readonly help?: boolean;
}

/** Runs one command. Reads the password from `input` if the command asks for it. */
export async function runCommand(
  argv: readonly string[],
  input: AsyncIterable<Uint8Array | string>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Outcome> {
  const json = argv.includes('--json');
  try {
    const { values, positionals } = readArguments(argv);
    if (values.help === true) return { code: 0, out: HELP, err: '' };
    const [command, ...surplus] = positionals;
    if (command === undefined) throw new WrongUse('name a command: create-account');
    if (command !== 'create-account')
      throw new WrongUse(`there is no command '${command}', only create-account`);
    if (surplus.length > 0) throw new WrongUse(`'${surplus[0]}' is one word too many`);
    return await createAccount(values, input, environment, json);
  } catch (error) {
    return failure(error, json);
  }
}

/** The command line itself is wrong: exit code 2. */
class WrongUse extends Error {
  override readonly name = 'WrongUse';
}

/** The command is right and cannot be done: exit code 1. */
class Failed extends Error {
  override readonly name = 'Failed';
}

async function createAccount(
  flags: Flags,
  input: AsyncIterable<Uint8Array | string>,
  environment: Readonly<Record<string, string | undefined>>,
  json: boolean,
): Promise<Outcome> {
  if (flags.email === undefined) throw new WrongUse('--email is missing');
  if (flags['password-stdin'] !== true) {
    throw new WrongUse('--password-stdin is missing: the password comes from standard input');
  }
  const role = readRole(flags.role);
  // Before the password is read: a person at a keyboard would type it for nothing.
  if (!/^\S+@\S+\.\S+$/.test(flags.email.trim())) throw new WrongUse(`--email: ${NO_ADDRESS}`);
  // Files and `echo` end with a line break that nobody means as part of a password.
  const password = (await text(input as AsyncIterable<Uint8Array>)).replace(/\r?\n$/, '');
  const settings = readSettings(environment);
  return await withAccounts(settings, async (accounts) => {
    const account = await create(accounts, flags.email ?? '', password, role);
    const { id, email, roles } = account;
    const out = json ? JSON.stringify({ id, email, roles }) : `Made an account for ${email} (${role}).`;
    return { code: 0, out: `${out}\n`, err: '' };
  });
}

async function create(accounts: Accounts, email: string, password: string, role: Role): Promise<Account> {
  if (password === '') throw new Failed('Choose a password.');
  const { passwords } = accounts;
  const problems = await passwords.check(password, { secondFactor: false, ownWords: [email] });
  if (problems.length > 0) throw new Failed(problems.map(({ message }) => message).join(' '));
  const passwordHash = await passwords.hash(password);
  const account = await accounts.create({ email, passwordHash, roles: [role] }).catch(refuseAddress);
  if (account !== undefined) return account;
  throw new Failed('There is an account with this address already. Nothing was changed.');
}

function refuseAddress(error: unknown): never {
  const isRefused = error instanceof BulwarkError && error.code === 'ERR_BULWARK_INVALID_ARGUMENT';
  throw isRefused ? new WrongUse(`--email: ${NO_ADDRESS}`) : error;
}

/** Opens the accounts of the server, by a policy that answers no request: it needs no secret, and sends no mail. */
async function withAccounts<T>(settings: Settings, work: (accounts: Accounts) => Promise<T>): Promise<T> {
  const policy = await loadPolicy({
    environment: 'development',
    state: await openAccountState(settings),
    secrets: { name: 'one run', load: () => [randomBytes(32).toString('base64url')] },
    audit: { sink: () => undefined },
    accounts: { name: 'Strongroom' },
  });
  const layer = bulwark(policy);
  try {
    return await work(Accounts.of(layer));
  } finally {
    await layer.close();
  }
}

function readArguments(argv: readonly string[]): { values: Flags; positionals: string[] } {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        email: { type: 'string' },
        'password-stdin': { type: 'boolean' },
        role: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    if (error instanceof TypeError) throw new WrongUse(error.message.split('\n', 1)[0], { cause: error });
    throw error;
  }
}

function readRole(text: string | undefined): Role {
  if (text === undefined || text === 'client') return 'client';
  if (text === 'operator') return 'operator';
  throw new WrongUse('--role is client or operator');
}

function failure(error: unknown, json: boolean): Outcome {
  const wrongUse = error instanceof WrongUse;
  const known =
    wrongUse || error instanceof Failed || (error instanceof Error && error.name === 'SettingsError');
  const message = error instanceof Error ? error.message : String(error);
  const shown = known ? message : `It failed: ${message}`;
  const hint = wrongUse ? '\nRun with --help for the commands and examples.' : '';
  return {
    code: wrongUse ? 2 : 1,
    out: json ? `${JSON.stringify({ error: shown })}\n` : '',
    err: json ? '' : `${shown}${hint}\n`,
  };
}

if (import.meta.main) {
  const outcome = await runCommand(process.argv.slice(2), process.stdin, process.env);
  process.stdout.write(outcome.out);
  process.stderr.write(outcome.err);
  process.exitCode = outcome.code;
}
