/** `bulwark audit forget`: has a log tell nothing of a person any more, without a change of it. */
import type { Command } from 'commander';
import { LOG_EVENTS } from '../audit/log.events.ts';
import type { PersonKeys } from '../audit/personal/person-keys.ts';
import { parseEvent } from '../audit/reading/event-filter.ts';
import { escapedJson } from '../audit/escaped-json.ts';
import { openPersons } from '../layer/services.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { Policy } from '../policy/policy.ts';
import { checkFiles, eachLine } from './audit-files.ts';
import { daysOf } from './audit-index.ts';
import { withLog } from './command-log.ts';
import { printingAside } from './load-module.ts';
import { AnsweredNo, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy: string;
  readonly yes?: true;
  readonly json?: true;
  readonly again?: readonly string[];
  readonly unused?: string;
}

const HELP = `
Destroys the keys of accounts ("audit.personal" of the policy): what the log has of them, here, in an index and at every
receiver, cannot be read any more. Records are not changed, and verify as before. It cannot be undone. Name all that the
log may call a person: the id of the account, and the address that was typed at sign-ins. On each machine that has keys.

The log is told which persons were forgotten (sys_log_forgotten). After a backup of the keys was restored, run it with
--again and the log: those that it says were forgotten are so once more. Without --yes it says what it would do. Where
another program reads the keys at that moment, such as a backup, their bytes outlast them: it says so, and is run again.

Exit codes: 0 done, 1 there is no key of any of them, or its bytes are there still, 2 wrong use.

Examples:
  bulwark audit forget 5kZ0mK2v ann@example.com --policy bulwark.config.ts --yes
  bulwark audit forget --again logs/audit.jsonl* --policy bulwark.config.ts --yes
  bulwark audit forget --unused 400d --policy bulwark.config.ts --yes`;

/** Of one event: a list in the log has fifty entries at most. */
const MOST_TOLD = 40;

/** Gives the command its arguments, options, help and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('make what a log has of a person unreadable, and leave its chain whole')
    .argument('[accounts...]', 'whom to forget, as the log names them')
    .requiredOption('--policy <file>', 'the policy whose log it is')
    .option('--again <files...>', 'those that this log says were forgotten: after a backup was restored')
    .option('--unused <days>', 'all that no event was about for so long: 400d')
    .option('--yes', 'do it')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (accounts: string[], flags: Flags) => {
      if (accounts.length === 0 && flags.again === undefined && flags.unused === undefined)
        throw new WrongUse('Name an account, or --again, or --unused.');
      const days = flags.unused === undefined ? undefined : daysOf('--unused', flags.unused);
      checkFiles([flags.policy]);
      const policy = await printingAside(() => loadPolicy(flags.policy));
      try {
        const keys = openPersons(policy);
        if (keys === undefined) throw new WrongUse('audit.personal: this policy has no keys of persons.');
        try {
          const told = flags.again === undefined ? [] : await toldOf(flags.again, terminal);
          const found = await forget(keys, policy, { accounts, told, days }, flags.yes === true);
          terminal.out.write(shown(found, flags));
          if (found === 0) throw new AnsweredNo();
        } finally {
          keys.close();
        }
      } finally {
        await policy.state.close();
      }
    });
}

interface Wanted {
  readonly accounts: readonly string[];
  /** What the log calls those that it says were forgotten. */
  readonly told: readonly string[];
  readonly days: number | undefined;
}

/** How many keys were destroyed, or would be. */
async function forget(
  keys: PersonKeys,
  policy: Policy,
  { accounts, told, days }: Wanted,
  isMeant: boolean,
): Promise<number> {
  const refs = new Set([
    ...accounts.flatMap((account) => keys.refsOf(account)),
    ...keys.present(told),
    ...(days === undefined ? [] : keys.unused(days)),
  ]);
  if (!isMeant) return refs.size;
  try {
    keys.forget([...refs]);
  } finally {
    // Those too of a run that ended before the log knew.
    const untold = keys.untold();
    if (untold.length > 0) {
      await tell(policy, untold);
      keys.told(untold);
    }
  }
  return refs.size;
}

async function tell(policy: Policy, persons: readonly string[]): Promise<void> {
  await withLog(policy, async (audit) => {
    for (let at = 0; at < persons.length; at += MOST_TOLD)
      audit.write(LOG_EVENTS.forgotten, { persons: persons.slice(at, at + MOST_TOLD) });
    await audit.flushed();
  });
}

async function toldOf(files: readonly string[], terminal: Terminal): Promise<readonly string[]> {
  const persons: string[] = [];
  await eachLine(files, terminal, (line) => {
    if (!line.includes(LOG_EVENTS.forgotten.name)) return;
    const event = parseEvent(line);
    if (event?.event !== LOG_EVENTS.forgotten.name) return;
    const { persons: own } = event.details ?? {};
    if (Array.isArray(own)) persons.push(...own.filter((ref): ref is string => typeof ref === 'string'));
  });
  return persons;
}

function shown(keys: number, { yes, json }: Flags): string {
  if (json === true) return `${escapedJson({ keys, forgotten: yes === true })}\n`;
  if (keys === 0) return 'There is no key of any of them.\n';
  const what = keys === 1 ? '1 key' : `${keys} keys`;
  return yes === true ? `${what} destroyed.\n` : `Would destroy ${what}: --yes.\n`;
}
