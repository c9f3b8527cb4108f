/** `bulwark accounts list` and `show`: who has an account, and what is kept of it. */
import type { Command } from 'commander';
import type { AccountView } from '../accounts/operators/account-finder.ts';
import { plainText } from '../audit/reading/event-text.ts';
import { escapedJson } from '../audit/escaped-json.ts';
import { POLICY_FLAG, policyFile } from './flag.ts';
import { Failed, strong, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy?: string;
  readonly json?: true;
}

interface ListFlags extends Flags {
  readonly begins?: string;
  readonly holds?: string;
  readonly state?: string;
  readonly role?: string;
  readonly limit?: string;
  readonly after?: string;
}

const LIST_HELP = `
A page at a time, in the order of addresses. --begins is found at once, however many accounts there are; the others look
through five thousand accounts for one page, and the last line says where to go on.

Examples:
  bulwark accounts list --policy bulwark.config.ts --begins anna
  bulwark accounts list --policy bulwark.config.ts --role operator
  bulwark accounts list --policy bulwark.config.ts --state disabled --json`;

const SHOW_HELP = `
ACCOUNT is an address or an id; one that begins with - stands behind all else: -- ID.
Sessions are shown by the references that the log has, which open nothing.

Examples:
  bulwark accounts show anna@example.com --policy bulwark.config.ts
  bulwark accounts show anna@example.com --policy bulwark.config.ts --json`;

/** Gives the command both commands. */
export function defineLooks(command: Command, terminal: Terminal): void {
  command
    .command('list')
    .description('find accounts by address, state and role')
    .option(...POLICY_FLAG)
    .option('--begins <text>', 'whose address begins like this')
    .option('--holds <text>', 'whose address has this in it')
    .option('--state <state>', 'active or disabled')
    .option('--role <name>', 'who have this role')
    .option('--limit <number>', 'so many at most, up to 200', '50')
    .option('--after <place>', 'go on where the page before ended')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', LIST_HELP)
    .action(async (flags: ListFlags) => list(flags, terminal));
  command
    .command('show')
    .description('show an account: sessions, browsers, second factors, tokens, history')
    .argument('<account>', 'its address or id')
    .option(...POLICY_FLAG)
    .option('--json', 'print one line of JSON')
    .addHelpText('after', SHOW_HELP)
    .action(async (typed: string, flags: Flags) => show(typed, flags, terminal));
}

async function list(flags: ListFlags, { out, err }: Terminal): Promise<void> {
  const { begins, holds, role, after } = flags;
  const state = stateOf(flags.state);
  const limit = limitOf(flags.limit);
  const { lookAt } = await import('./accounts-place.ts');
  const found = await lookAt(policyFile(flags.policy), async ({ finder }) =>
    finder.find({ begins, holds, state, role, after, limit }),
  );
  if (flags.json === true) {
    out.write(`${escapedJson(found)}\n`);
    return;
  }
  const rows = found.accounts.map(({ id, email, roles, createdAt, disabled }) =>
    [
      id,
      dateOf(createdAt),
      (disabled ? 'disabled' : 'active').padEnd(8),
      plainText(email),
      roles.join(','),
    ].join('  '),
  );
  const head = [
    'id'.padEnd(22),
    'made'.padEnd(16),
    'state'.padEnd(8),
    'address, and roles where it has any',
  ].join('  ');
  if (rows.length > 0) out.write(`${[strong(head, out), ...rows].join('\n')}\n`);
  else if (found.next === undefined) out.write('No account is like that.\n');
  if (found.next !== undefined) err.write(`There may be more: --after ${plainText(found.next)}\n`);
}

async function show(typed: string, flags: Flags, { out }: Terminal): Promise<void> {
  const { idOf, lookAt } = await import('./accounts-place.ts');
  const view = await lookAt(policyFile(flags.policy), async (place) =>
    place.finder.look(await idOf(place, typed)),
  );
  if (view === undefined) throw new Failed('This account has just been removed.');
  out.write(flags.json === true ? `${escapedJson(view)}\n` : `${linesOf(view).map(plainText).join('\n')}\n`);
}

function linesOf({
  account: { id, email, roles, createdAt, hasPassword },
  disabledAt,
  removalAt,
  sessions,
  factors,
  browsers,
  remembered,
  identities,
  apiTokens,
  activity,
}: AccountView): readonly string[] {
  const { totp, passkeys, recoveryCodesLeft } = factors;
  return [
    `${email}  ${id}`,
    `  ${disabledAt === undefined ? 'active' : `disabled since ${dateOf(disabledAt)}`}, made ${dateOf(createdAt)}`,
    ...(removalAt === undefined ? [] : [`  to be removed on ${dateOf(removalAt)}, as its owner asked`]),
    `  roles: ${roles.join(', ') || 'none'}; ${hasPassword ? 'has a password' : 'no password'}`,
    ...part('second factors', [
      ...(totp === undefined ? [] : [`authenticator app, last used ${dateOf(totp.usedAt)}`]),
      ...passkeys.map(({ name }) => `passkey ${name}`),
      ...(recoveryCodesLeft === 0 ? [] : [`${recoveryCodesLeft} recovery codes`]),
    ]),
    ...part(
      'sessions',
      sessions.map(({ session, seenAt, address, userAgent }) => at(seenAt, session, address, userAgent)),
    ),
    ...part(
      'known browsers',
      browsers.map(({ seenAt, address, userAgent }) => at(seenAt, address, userAgent)),
    ),
    ...part(
      'browsers that need no second factor for a while',
      remembered.map(({ usedAt, address, userAgent }) => at(usedAt, address, userAgent)),
    ),
    ...part(
      'other services',
      identities.map(({ issuer, label }) => `${issuer}  ${label}`),
    ),
    ...part(
      'API tokens',
      apiTokens.map(
        ({ name, hint, scopes, expiresAt, jkt }) =>
          `${hint}  ${name}  ${scopes.join(',')}  until ${dateOf(expiresAt)}${jkt === undefined ? '' : '  with its key alone'}`,
      ),
    ),
    ...part(
      'history',
      activity
        .slice(0, MOST_LINES)
        .map(({ at: when, event, detail, address }) => at(when, event, detail, address)),
    ),
  ];
}

const MOST_LINES = 20;
const LONGEST = 60;

function part(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`  ${title}:`, ...lines.map((line) => `    ${line}`)];
}

function at(when: number, ...texts: readonly string[]): string {
  return [dateOf(when), ...texts.filter((text) => text !== '').map((text) => text.slice(0, LONGEST))].join(
    '  ',
  );
}

function dateOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
}

function stateOf(text: string | undefined): 'active' | 'disabled' | undefined {
  if (text === undefined || text === 'active' || text === 'disabled') return text;
  throw new WrongUse('--state takes active or disabled.');
}

function limitOf(text: string | undefined): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 200) return limit;
  throw new WrongUse('--limit takes a number from 1 to 200.');
}
