/** `bulwark passwords filter build LIST --out FILE`: a filter of breached passwords from a published list. */
import type { Command } from 'commander';
import { escapedJson } from '../audit/escaped-json.ts';
import { buildFilter } from '../identity/passwords/breached/build-filter.ts';
import { progressOn, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly out: string;
  readonly oneIn: string;
  readonly atLeast: string;
  readonly json?: true;
}

const HELP = `
LIST has a SHA-1 in hex on each line, alone or as HASH:COUNT, in any order and of any length: what the downloader of
Have I Been Pwned writes. It is read twice. The filter takes two bytes of disk and memory for each hash; --at-least
leaves out the rare ones.

Examples:
  bulwark passwords filter build pwned.txt --out breached.filter
  bulwark passwords filter build pwned.txt --out breached.filter --at-least 20 --one-in 10000

In the policy:
  passwords: { breached: filterFile('breached.filter') }`;

/** Gives the command its options and its work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('make a filter of breached passwords from a published list of SHA-1 hashes')
    .argument('<list>', 'the list')
    .requiredOption('--out <file>', 'the filter; replaced when the new one is whole')
    .option('--one-in <number>', 'one in so many good passwords is taken for a breached one', '1000')
    .option('--at-least <count>', 'take only what was seen so often', '1')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (list: string, flags: Flags) => {
      await build(list, flags, terminal);
    });
}

async function build(list: string, flags: Flags, terminal: Terminal): Promise<void> {
  const oneIn = wholeNumber(flags.oneIn, '--one-in', 10, 1_000_000);
  const atLeast = wholeNumber(flags.atLeast, '--at-least', 1, 1_000_000_000);
  const onProgress = progressOn(terminal.err, 'Reading');
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error('Interrupted. Nothing was changed.'));
  process.once('SIGINT', interrupt);
  try {
    const built = await buildFilter({
      list,
      out: flags.out,
      errorRate: 1 / oneIn,
      atLeast,
      signal: interrupted.signal,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    const { keys, lines, bytes } = built;
    const rate = Math.floor(1 / built.errorRate);
    if (flags.json === true) {
      terminal.out.write(`${escapedJson({ keys, lines, bytes, oneIn: rate, out: flags.out })}\n`);
      return;
    }
    terminal.out.write(
      `${flags.out}: ${number(keys)} hashes of ${number(lines)} lines in ${number(bytes)} bytes. ` +
        `One in ${number(rate)} good passwords is taken for a breached one.\n`,
    );
  } catch (error) {
    if (interrupted.signal.aborted) throw interrupted.signal.reason;
    throw error;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

function wholeNumber(text: string, option: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new WrongUse(`${option} is a whole number from ${least} to ${most}`);
}

function number(value: number): string {
  return value.toLocaleString('en');
}
