/** `bulwark audit verify`: whether a log is what was written, and where it is not. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { ALERTS_EVENTS } from '../alerts/alerts.events.ts';
import { keyName, publicKeyOfFile, publicKeysOfRing } from '../audit/chain/signing-key.ts';
import type { ChainReport, Fault, LogReport } from '../audit/chain/verify.ts';
import { verifyFiles } from '../audit/chain/verify-files.ts';
import { plainText } from '../audit/reading/event-text.ts';
import { escapedJson } from '../audit/escaped-json.ts';
import { withLog } from './command-log.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { Policy } from '../policy/policy.ts';
import { checkFiles } from './audit-files.ts';
import { printingAside } from './load-module.ts';
import { AnsweredNo, faint, strong, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy?: string;
  readonly key?: readonly string[];
  readonly heads?: string | false;
  readonly complete?: true;
  readonly alert?: true;
  readonly json?: true;
}

const HELP = `
Reads the files that "audit.file" of a policy made: each record leads to the one before it by SHA-256, and signed heads
(Ed25519) stand among them. Says which record was changed, which are missing, and what does not belong there.

Whose signature it is says --policy, by the secret of the application, or --key, a public key that you kept. Without
either the keys that the log itself names are believed: then it was written by one hand, and nobody knows whose.

That the end was cut off only heads can tell that were kept elsewhere: --heads FILE, or the file beside the log. A chain
that is not closed is still written, or its process was killed; with --complete that is a fault, and so is a beginning
that is not here.

Exit codes: 0 nothing is wrong, 1 something is, 2 wrong use, or no record to read.

Examples:
  bulwark audit verify logs/audit.jsonl --policy bulwark.config.ts
  bulwark audit verify logs/audit.jsonl* --key audit.pub --heads /mnt/elsewhere/app.heads
  bulwark audit verify /mnt/archive/2026-*.jsonl.gz --key audit.pub --complete --json`;

const MOST_SHOWN = 20;

/** Gives the command its arguments, options, help and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('say whether a log is what was written, and where it is not')
    .argument('<files...>', 'files of the log, also packed (.gz), in any order, or - for standard input')
    .option('--policy <file>', 'the policy whose secret signed it')
    .option('--key <file...>', 'a public key in PEM that signed it')
    .option('--heads <file>', 'signed heads that were kept; FILE.heads where there is one')
    .option('--no-heads', 'look at no heads')
    .option('--complete', 'this is all there ever was, and nothing writes any more')
    .option('--alert', 'tell the log of --policy of faults, and whom its alerts go to')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => {
      const logs = files.filter((file) => !file.endsWith('.heads'));
      checkFiles(logs);
      if (flags.alert === true && flags.policy === undefined)
        throw new WrongUse('--alert: name the policy whose alerts it is for, with --policy.');
      const policy =
        flags.policy === undefined ? undefined : await printingAside(() => loadPolicy(flags.policy ?? ''));
      try {
        const keys = keysOf(flags, policy);
        const headsFile = headsOf(logs, flags);
        const report = await verifyFiles(logs, { keys, headsFile, complete: flags.complete === true });
        const result = { ...report, keys: keys?.map(keyName), heads: headsFile };
        terminal.out.write(flags.json === true ? `${escapedJson(result)}\n` : asText(result, terminal));
        if (flags.alert === true && policy !== undefined && report.faultCount > 0)
          await tellFaults(policy, report);
        if (report.records === 0 && report.faultCount === 0)
          throw new WrongUse('There is no record of a chain in what was read.');
        if (report.faultCount > 0) throw new AnsweredNo();
      } finally {
        await policy?.state.close();
      }
    });
}

function keysOf(
  { key: files = [] }: Flags,
  policy: Pick<Policy, 'keys' | 'audit'> | undefined,
): readonly string[] | undefined {
  const keys = files.map((path) => {
    checkFiles([path]);
    return publicKeyOfFile(path);
  });
  if (policy === undefined) return keys.length === 0 ? undefined : keys;
  const own = policy.audit.file?.key;
  return [...keys, ...publicKeysOfRing(policy.keys), ...(own === undefined ? [] : [publicKeyOfFile(own)])];
}

/** By the policy's own log: it stands behind the faults, in a chain of its own, and reaches every receiver. */
async function tellFaults(policy: Policy, { faultCount: faults, faults: [first] }: LogReport): Promise<void> {
  await withLog(policy, async (audit) => {
    audit.write(ALERTS_EVENTS.logBroken, { faults, first: first === undefined ? '' : faultText(first) });
  });
}

function headsOf(logs: readonly string[], { heads }: Flags): string | undefined {
  if (heads === false) return undefined;
  if (heads !== undefined) {
    checkFiles([heads]);
    return heads;
  }
  return logs.map((log) => `${log}.heads`).find((path) => existsSync(path));
}

interface Result extends LogReport {
  readonly keys: readonly string[] | undefined;
  readonly heads: string | undefined;
}

function asText(result: Result, { out }: Terminal): string {
  const { records, chains, faults, faultCount, torn, continued, keys, heads } = result;
  const open = chains.filter(({ isClosed }) => !isClosed);
  const left = chains.map(({ to, signedTo }) => to - signedTo).reduce((sum, one) => sum + one, 0);
  const notes = [
    keys === undefined
      ? 'signatures: by the keys that the log itself names, so nobody knows whose: give --policy or --key'
      : `signatures: by ${keys.join(' or ')}`,
    heads === undefined ? 'heads: none that were kept, so a cut end is not seen' : `heads: ${heads}`,
    ...(continued > 0
      ? [`${count(continued, 'chain begins', 'chains begin')} in files that were not given`]
      : []),
    ...(torn > 0 ? [`${count(torn, 'write was', 'writes were')} torn and accounted for`] : []),
    ...(left > 0 ? [`${count(left, 'record', 'records')} at the end under no head yet`] : []),
    ...open
      .slice(0, MOST_SHOWN)
      .map((chain) => `chain ${plainText(chain.chain)} is not closed: ${openText(chain)}`),
  ];
  const verdict =
    faultCount === 0
      ? `Nothing is wrong: ${count(records, 'record', 'records')} in ${count(chains.length, 'chain', 'chains')}.`
      : `${count(faultCount, 'fault', 'faults')} in ${count(records, 'record', 'records')}.`;
  const lines = faults.slice(0, MOST_SHOWN).map((fault) => `  ${faultText(fault)}`);
  const more =
    faultCount > lines.length ? [`  and ${faultCount - lines.length} more: --json has a hundred`] : [];
  return `${[strong(verdict, out), ...lines, ...more, ...notes.map((note) => faint(`  ${note}`, out))].join('\n')}\n`;
}

function faultText({ kind, file, line, chain, message }: Fault): string {
  const where = chain === undefined ? '' : ` (chain ${chain})`;
  return plainText(`${file}:${line}: ${kind}: ${message}${where}`);
}

function openText({ to }: ChainReport): string {
  return `it is still written, its process was killed, or it was cut behind record ${to}`;
}

function count(number: number, one: string, several: string): string {
  return `${number} ${number === 1 ? one : several}`;
}
