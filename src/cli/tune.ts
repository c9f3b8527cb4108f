/** `bulwark tune`: what a password hash should cost on this machine. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Command } from 'commander';
import { escapedJson } from '../audit/escaped-json.ts';
import { parseDuration, showDuration, showSize } from '../core/readers.ts';
import {
  DEFAULT_TARGET_MS,
  describeMachine,
  measureHere,
  tune,
  type TuneFacts,
  type Tuning,
} from '../identity/passwords/tune.ts';
import { Failed, faint, strong, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly target: string;
  readonly write?: string;
  readonly force?: true;
  readonly json?: true;
}

const SHORTEST_TARGET_MS = 10;
const LONGEST_TARGET_MS = 5000;

const HELP = `
Run it on the machine that serves, while that does little else. The result is never below OWASP's minimum of 19 MB and
two passes, however slow the machine.

Examples:
  bulwark tune
  bulwark tune --target 100ms --write passwords.ts
  bulwark tune --json

passwords.ts then goes into the policy:
  import { passwords } from './passwords.ts';
  export default definePolicy({ passwords });`;

/** Gives the command its options and its work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .option('--target <duration>', 'how long a hash may take', showDuration(DEFAULT_TARGET_MS))
    .option('--write <file>', 'write the options to a .ts, .js, .mjs or .json file')
    .option('--force', 'replace that file if there is one')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      await tuneHere(flags, terminal);
    });
}

/**
 * Measures, prints, and writes where it is asked to.
 *
 * @param factsFor - stands in for the machine in tests
 */
export async function tuneHere(
  flags: Flags,
  terminal: Terminal,
  factsFor: (target: number) => TuneFacts = measureHere,
): Promise<void> {
  const target = parseDuration(flags.target);
  if (target === undefined || target < SHORTEST_TARGET_MS || target > LONGEST_TARGET_MS) {
    throw new WrongUse(
      `--target is from ${showDuration(SHORTEST_TARGET_MS)} to ${showDuration(LONGEST_TARGET_MS)}, such as 250ms`,
    );
  }
  // Before the measuring, which takes its time.
  const write = flags.write === undefined ? undefined : writerOf(flags.write);
  if (terminal.err.isTTY === true && flags.json !== true) terminal.err.write('Measuring ...\n');
  const facts = factsFor(target);
  const tuning = await tune(facts);
  if (write !== undefined) await write(tuning, flags.force === true);
  terminal.out.write(flags.json === true ? asJson(tuning, facts) : asText(tuning, facts, terminal));
  if (flags.write !== undefined && flags.json !== true) terminal.out.write(`\nWritten to ${flags.write}.\n`);
}

type Writer = (tuning: Tuning, force: boolean) => Promise<void>;

function writerOf(path: string): Writer {
  const kind = extname(path);
  if (!['.ts', '.js', '.mjs', '.json'].includes(kind)) {
    throw new WrongUse('--write takes a file that ends in .ts, .js, .mjs or .json');
  }
  return async (tuning, force) => {
    const text =
      kind === '.json' ? `${JSON.stringify(tuning.options, undefined, 2)}\n` : asModule(tuning, kind);
    const draft = `${path}.${process.pid}.tmp`;
    try {
      if (!force) return await writeFile(path, text, { flag: 'wx' });
      await writeFile(draft, text, { flag: 'wx' });
      return await rename(draft, path);
    } catch (error) {
      if (force) await rm(draft, { force: true });
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new Failed(`There is a ${path} already; --force replaces it.`, { cause: error });
    }
  };
}

function asModule(tuning: Tuning, kind: string): string {
  const { engine, cores, memory } = describeMachine();
  const machine = `${cores} cores, ${gigabytes(memory)}, ${engine}`;
  return `// Written by \`bulwark tune\` for a machine of ${machine}: ${Math.round(tuning.milliseconds)} ms a hash.
// Run it again on any other machine.
export const passwords = ${asLiteral(tuning)}${kind === '.ts' ? ' as const' : ''};
`;
}

function asJson(
  { options, milliseconds, perSecond, limit }: Tuning,
  { target, concurrency }: TuneFacts,
): string {
  const result = {
    options,
    milliseconds: Math.round(milliseconds),
    perSecond: Math.round(perSecond * 10) / 10,
    limit,
    target,
    concurrency,
    machine: describeMachine(),
  };
  return `${escapedJson(result)}\n`;
}

function asText(tuning: Tuning, { target, concurrency }: TuneFacts, { out }: Terminal): string {
  const { milliseconds, perSecond, limit } = tuning;
  const { engine, cores, memory } = describeMachine();
  const rate = perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
  const faster =
    engine === 'node:crypto' ? '\nnpm install @node-rs/argon2 makes the same hashes in half the time.' : '';
  return `${faint(`argon2id by ${engine} on ${cores} cores and ${gigabytes(memory)}, ${concurrency} at once`, out)}

${strong(`passwords: ${asLiteral(tuning)}`, out)}

${Math.round(milliseconds)} ms a hash: ${rate} sign-ins a second in each process. ${LIMITS[limit](target)}${faster}
`;
}

const LIMITS: Readonly<Record<Tuning['limit'], (target: number) => string>> = {
  none: (target) => `The target is ${showDuration(target)}.`,
  minimum: (target) =>
    `That is OWASP's minimum: nothing less is taken, though the target is ${showDuration(target)}.`,
  bounds: (target) => `That is the most that is taken, and less than the target of ${showDuration(target)}.`,
};

function asLiteral({ options }: Tuning): string {
  const { memory, passes, parallelism, waiting } = options;
  return `{ memory: '${memory}', passes: ${passes}, parallelism: ${parallelism}, waiting: ${waiting} }`;
}

function gigabytes(bytes: number): string {
  return bytes < 2 ** 30
    ? showSize(Math.floor(bytes / 2 ** 20) * 2 ** 20)
    : `${Math.round(bytes / 2 ** 30)}GB`;
}
