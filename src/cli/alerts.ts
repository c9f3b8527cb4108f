/** `bulwark alerts`: try receivers, read an old log by the rules, see what was raised, and silence a rule for a while. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type Alert, AlertBook, silenceKey } from '../alerts/alert-book.ts';
import { detailsOf } from '../alerts/alert-watch.ts';
import { ALERTS_EVENTS } from '../alerts/alerts.events.ts';
import { alertsOptions, type AlertsSettings, isAlertId } from '../alerts/alerts.options.ts';
import { ALERT_RULES } from '../alerts/alert-rules.ts';
import { Tally } from '../alerts/tally.ts';
import { makeAuditEvent } from '../audit/audit-event.ts';
import { withoutHidden } from '../audit/personal/open-event.ts';
import { parseEvent } from '../audit/reading/event-filter.ts';
import { plainText } from '../audit/reading/event-text.ts';
import { escapedJson } from '../audit/escaped-json.ts';
import { nearest } from '../core/nearest.ts';
import { defaultsOf } from '../core/options.ts';
import { randomId } from '../core/random.ts';
import { parseDuration } from '../core/readers.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { loadUnsignedPolicy } from '../policy/load-unsigned.ts';
import { MemoryCounters } from '../stores/memory/counters.ts';
import { eachLine, type QueryFlags, queryOf, withQuery } from './audit-files.ts';
import { logReader, personMatcher } from './audit-persons.ts';
import { withLog } from './command-log.ts';
import { printingAside } from './load-module.ts';
import { AnsweredNo, Failed, messageOf, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy?: string;
  readonly json?: true;
}

interface SilenceFlags {
  readonly policy: string;
  readonly for: string;
  readonly reason: string;
  readonly about?: string;
}

const LONGEST_SILENCE_MS = 7 * 86_400_000;

const HELP = `
Rules, and what to do when one fires: docs/alerts/. Thresholds and receivers are in the section "alerts" of the policy.

Exit codes: 0 done, 1 it failed or nothing was found, 2 wrong use.

Examples:
  bulwark alerts test --policy bulwark.config.ts
  bulwark alerts replay logs/audit.jsonl* --policy bulwark.config.ts
  bulwark alerts list logs/audit.jsonl --since 7d
  bulwark alerts silence csp-new --for 4h --reason 'new release' --policy bulwark.config.ts`;

/** Gives the command its commands. */
export function define(command: Command, terminal: Terminal): void {
  command.addHelpText('after', HELP);
  const { out } = terminal;
  command
    .command('test')
    .description('send every receiver of the policy an alert that says it is a test')
    .requiredOption('--policy <file>', 'the module that exports the policy as default')
    .addHelpText('after', HELP)
    .action(async ({ policy }: { policy: string }) => sendTest(policy, terminal));
  command
    .command('replay')
    .description('say which alerts a log would have raised, and raise none')
    .argument('<files...>', 'files of the log, also packed (.gz), oldest first, or - for standard input')
    .option('--policy <file>', 'the policy with the thresholds; else those of the defaults')
    .option('--json', 'print each alert as a line of JSON')
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => replay(files, flags, terminal));
  withQuery(command.command('list'))
    .description('list alerts and silences that stand in a log')
    .argument('<files...>', 'files of the log, also packed (.gz), or - for standard input')
    .option('--json', 'print lines as they stand in the log')
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: QueryFlags & Flags) => {
      const reader = await logReader(flags.policy);
      const match = personMatcher({ ...queryOf(flags), event: flags.event ?? 'alert_*' }, reader, terminal);
      let count = 0;
      await eachLine(files, terminal, (line) => {
        const found = match(line);
        if (found === undefined) return;
        count += 1;
        const { time, event, details = {} } = found.event;
        out.write(`${flags.json === true ? found.line : listLine(time, event, details)}\n`);
      });
      reader.close();
      if (count === 0) throw new AnsweredNo();
    });
  command
    .command('silence')
    .description('raise no alert of a rule until a moment, in every process that shares the state')
    .argument('<rule>', 'its name, or "all"')
    .requiredOption(
      '--for <duration>',
      'how long, from now on: 30m, 4h, 7d at most; it cannot be ended earlier',
    )
    .requiredOption('--reason <text>', 'why, for the log')
    .requiredOption('--policy <file>', 'the module that exports the policy as default')
    .option('--about <what>', 'only this account, network or other thing that alerts of the rule are about')
    .addHelpText('after', HELP)
    .action(async (rule: string, flags: SilenceFlags) => silence(rule, flags, terminal));
}

async function sendTest(file: string, { out }: Terminal): Promise<void> {
  const { alerts, audit, state } = await load(async () => (await loadUnsignedPolicy(file)).policy, file);
  await state.close();
  const receivers = [...alerts.to, ...alerts.escalateTo];
  if (receivers.length === 0) throw new Failed('Nobody is told: alerts.to of the policy is empty.');
  const test = {
    rule: 'test',
    severity: 'warn',
    summary: 'This is a test: nothing happened.',
    about: 'bulwark alerts test',
    because: 'somebody typed it',
    help: 'https://github.com/bulwark-layer/bulwark/blob/main/docs/guides/alerts.md',
  };
  const event = makeAuditEvent(ALERTS_EVENTS.raised, Date.now(), audit.service, test, undefined);
  let failed = false;
  for (const receiver of receivers) {
    try {
      await receiver.send([{ id: randomId(9), line: JSON.stringify(event), event }]);
      out.write(`${receiver.name}: taken\n`);
    } catch (error) {
      failed = true;
      out.write(`${receiver.name}: not taken (${plainText(messageOf(error))})\n`);
    }
  }
  if (failed) throw new AnsweredNo();
}

async function replay(files: readonly string[], { policy, json }: Flags, terminal: Terminal): Promise<void> {
  const { settings, isSealed } =
    policy === undefined
      ? { settings: defaultsOf(alertsOptions), isSealed: false }
      : await settingsOf(policy);
  // The secrets of a policy are asked for where there is something to open.
  const reader = await logReader(isSealed ? policy : undefined);
  const book = new AlertBook({ settings, tally: new Tally(new MemoryCounters()) });
  // Lines come faster than they are looked at: each waits for the one before.
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;
  const show = (alert: Alert): void => {
    count += 1;
    const time = new Date(alert.at).toISOString();
    const details = detailsOf(alert);
    terminal.out.write(
      json === true
        ? `${escapedJson({ time, ...details })}\n`
        : `${listLine(time, ALERTS_EVENTS.raised.name, { ...details })}\n`,
    );
  };
  await eachLine([...files], terminal, (line) => {
    const read = parseEvent(line);
    if (read === undefined) return;
    const event = withoutHidden(reader.open?.(read) ?? read);
    last = last.then(async () => {
      for (const alert of await book.look(event)) show(alert);
    });
  });
  await last;
  reader.close();
  const { grouped } = book.untold;
  terminal.err.write(`${count} alerts; ${grouped} more were of the same within its quiet time.\n`);
}

async function settingsOf(file: string): Promise<{ settings: AlertsSettings; isSealed: boolean }> {
  const { alerts, audit, state } = await load(async () => (await loadUnsignedPolicy(file)).policy, file);
  await state.close();
  return { settings: alerts, isSealed: audit.personal !== undefined };
}

async function silence(rule: string, flags: SilenceFlags, { out }: Terminal): Promise<void> {
  if (rule !== 'all' && !isAlertId(rule)) {
    const known = Object.keys(ALERT_RULES);
    throw new WrongUse(`There is no rule ${rule}: did you mean ${nearest(rule, known) ?? known.join(', ')}?`);
  }
  const { about, reason } = flags;
  if (about !== undefined && rule === 'all') throw new WrongUse('--about: name the rule that it is of.');
  const ms = parseDuration(flags.for);
  if (ms === undefined || ms > LONGEST_SILENCE_MS)
    throw new WrongUse('--for: a duration up to 7d, such as 4h.');
  const policy = await load(() => loadPolicy(flags.policy), flags.policy);
  const { state } = policy;
  try {
    if (state.reach === 'process')
      throw new Failed('The state is in the memory of another process, which alone can be silent.');
    const what = about === undefined ? rule : `${rule}:${about}`;
    const until = await withLog(policy, async (audit) => {
      const key = silenceKey(rule === 'all' ? '*' : what);
      const end = new Date(await new Tally(state.counters).silence(key, ms, Date.now())).toISOString();
      audit.write(ALERTS_EVENTS.silenced, { rule, about, until: end, reason });
      return end;
    });
    out.write(`Silent until ${until}: ${plainText(what)}.\n`);
  } finally {
    await state.close();
  }
}

async function load<T>(work: () => Promise<T>, file: string): Promise<T> {
  if (!existsSync(file)) throw new WrongUse(`There is no ${file}.`);
  return await printingAside(work);
}

function listLine(time: string, event: string, details: Readonly<Record<string, unknown>>): string {
  const of = (name: string): string => {
    const value = details[name];
    return typeof value === 'string' ? value : '';
  };
  const parts =
    event === ALERTS_EVENTS.raised.name
      ? [of('severity').padEnd(8), of('rule'), of('about'), of('because'), of('help')]
      : [event, ...Object.entries(details).map(([name, value]) => `${name}=${String(value)}`)];
  return plainText([time, ...parts].join('  '));
}
