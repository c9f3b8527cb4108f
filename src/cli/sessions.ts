/** `bulwark sessions list | revoke`: who is signed in, and an end to it, from the machine of the operator. */
import { basename, dirname } from 'node:path';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { alertsOptions } from '../alerts/alerts.options.ts';
import { auditOptions } from '../audit/audit.options.ts';
import { escapedJson } from '../audit/escaped-json.ts';
import { Sessions, type SessionSummary } from '../controls/sessions/sessions.ts';
import { sessionOptions } from '../controls/sessions/session.options.ts';
import { defaultsOf } from '../core/options.ts';
import { KeyRing } from '../core/key-ring.ts';
import { randomBytes } from '../core/random.ts';
import { sessionRef } from '../core/session-ref.ts';
import { loadUnsignedPolicy } from '../policy/load-unsigned.ts';
import type { Policy } from '../policy/policy.ts';
import type { LogPolicy } from '../layer/services.ts';
import { sqlite } from '../stores/sqlite/state.ts';
import { withLog } from './command-log.ts';
import { printingAside } from './load-module.ts';
import { Failed, strong, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy?: string;
  readonly data?: string;
  readonly session?: string;
  readonly json?: true;
}

interface Place {
  readonly policy: LogPolicy & Pick<Policy, 'session'> & Partial<Pick<Policy, 'console'>>;
  /** Whether records that this command signs are those of the application. */
  readonly canSign: boolean;
}

/** What `sqlite()` calls its file. */
const DATABASE = 'bulwark.db';

const HELP = `
ACCOUNT is the name that the application knows an account by: for the gateway's vault what the application's own session
has under _user_id, user_id, user or username. The state is that of --policy, or the folder of --data, which without
both is data/ as for the gateway itself.

An ended session opens nothing from that moment on, in any process; WebSockets and events that it opened end within
seconds. Each is named by a reference that the log has too, and that opens nothing.

Exit codes: 0 done, 1 it failed or there was no such session, 2 wrong use.

Examples:
  bulwark sessions list ann --policy bulwark.config.ts
  bulwark sessions revoke ann --policy bulwark.config.ts
  bulwark sessions revoke ann --session 0Vb3wqk1X2aZ --data /var/lib/bulwark/data --json`;

/** Gives the command its commands. */
export function define(command: Command, terminal: Terminal): void {
  command.addHelpText('after', HELP);
  const own = (name: string, what: string): Command =>
    command
      .command(name)
      .description(what)
      .argument('<account>', 'the account')
      .option('--policy <file>', 'the module that exports the policy as default')
      .option('--data <folder>', 'the folder of the state, where it is in SQLite')
      .option('--json', 'print the result as one line of JSON')
      .addHelpText('after', HELP);
  own('list', 'list the sessions of an account, last used first').action(
    async (account: string, flags: Flags) => {
      const list = await looking(flags, async (sessions) => await sessions.list(account));
      const rows = list.map(rowOf);
      terminal.out.write(flags.json === true ? `${escapedJson(rows)}\n` : asText(account, rows, terminal));
    },
  );
  own('revoke', 'end the sessions of an account, or one of them')
    .option('--session <reference>', 'the one to end, as the list and the log call it')
    .action(async (account: string, flags: Flags) => {
      const ended = await acting(flags, async (sessions) => await revoke(sessions, account, flags.session));
      if (flags.session !== undefined && ended === 0)
        throw new Failed(`${account} has no session ${flags.session}.`);
      terminal.out.write(
        flags.json === true
          ? `${escapedJson({ ended })}\n`
          : `Ended ${ended} ${ended === 1 ? 'session' : 'sessions'} of ${account}.\n`,
      );
    });
}

async function revoke(sessions: Sessions, account: string, reference: string | undefined): Promise<number> {
  if (reference === undefined) return await sessions.revokeAccount(account);
  const list = await sessions.list(account);
  const found = list.find(({ idHash }) => sessionRef(idHash) === reference);
  return found !== undefined && (await sessions.revoke(found.idHash)) ? 1 : 0;
}

async function looking<T>(flags: Flags, work: (sessions: Sessions) => Promise<T>): Promise<T> {
  const { policy } = await placeOf(flags);
  const { state, session } = policy;
  try {
    return await work(new Sessions(state.sessions, session, () => undefined));
  } finally {
    await state.close();
  }
}

async function acting<T>(flags: Flags, work: (sessions: Sessions) => Promise<T>): Promise<T> {
  const { policy, canSign } = await placeOf(flags);
  const { state, session, audit } = policy;
  try {
    if (!canSign && (audit.file ?? audit.personal) !== undefined) throw new Failed(NO_SECRET);
    return await withLog(policy, async (log) => {
      return await work(new Sessions(state.sessions, session, (...event) => log.write(...event)));
    });
  } finally {
    await state.close();
  }
}

const NO_SECRET =
  'The end of a session stands in the log of the policy, whose records are signed by the secret of the application: run it where the application runs, with its BULWARK_SECRET or whatever the policy says under secrets.';

async function placeOf({ policy: file, data }: Flags): Promise<Place> {
  if (file !== undefined && data !== undefined) throw new WrongUse('--policy and --data: name one of them.');
  if (file === undefined) {
    const state = sqlite(folderOf(data ?? 'data'));
    return { policy: { ...DEFAULTS, keys: new KeyRing([randomBytes(32)]), state }, canSign: false };
  }
  if (!existsSync(file)) throw new WrongUse(`There is no ${file}.`);
  const { policy, hasSecret } = await printingAside(() => loadUnsignedPolicy(file));
  if (policy.state.reach !== 'process') return { policy, canSign: hasSecret };
  await policy.state.close();
  throw new Failed(`The sessions of ${file} are in the memory of another process, which alone can end them.`);
}

const DEFAULTS = {
  session: defaultsOf(sessionOptions),
  audit: defaultsOf(auditOptions),
  alerts: defaultsOf(alertsOptions),
};

/** A misspelt folder would be made, with nobody in it. */
function folderOf(data: string): string {
  const folder = basename(data) === DATABASE ? dirname(data) : data;
  if (existsSync(`${folder}/${DATABASE}`)) return folder;
  throw new WrongUse(
    `There is no state in ${folder}. Name its folder with --data, or the policy with --policy.`,
  );
}

interface Row extends Omit<SessionSummary, 'idHash'> {
  readonly session: string;
}

function rowOf({ idHash, ...rest }: SessionSummary): Row {
  return { session: sessionRef(idHash), ...rest };
}

function asText(account: string, rows: readonly Row[], { out }: Terminal): string {
  if (rows.length === 0) return `${account} is signed in nowhere.\n`;
  const lines = rows.map(({ session, createdAt, seenAt, address, userAgent }) =>
    [
      session,
      dateOf(createdAt),
      dateOf(seenAt),
      shown(address).padEnd(15),
      shown(userAgent).slice(0, 60),
    ].join('  '),
  );
  const head = ['session     ', 'began           ', 'last used       ', 'address        ', 'browser'].join(
    '  ',
  );
  return `${[strong(head, out), ...lines].join('\n')}\n`;
}

function dateOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
}

/** What a browser says of itself may be anything: what a terminal would obey is not shown. */
function shown(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
