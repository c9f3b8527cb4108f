/** `bulwark audit retain`: an end to old files, whole ones, whose signed heads stay. */
import { rmSync } from 'node:fs';
import type { Command } from 'commander';
import { verifyFiles, inOrder } from '../audit/chain/verify-files.ts';
import { lastTime } from '../audit/reading/last-time.ts';
import { escapedJson } from '../audit/escaped-json.ts';
import { checkFiles } from './audit-files.ts';
import { daysOf } from './audit-index.ts';
import { Failed, type Terminal } from './terminal.ts';

interface Flags {
  readonly keep: string;
  readonly yes?: true;
  readonly json?: true;
}

const HELP = `
Deletes files whose last record is older, from the oldest on, and never the newest: what is left is one piece. A file
that does not verify is kept, since it is evidence, and nothing behind it is deleted either. Heads (FILE.heads) stay: by
them a copy that somebody kept can be verified for ever. Without --yes it says what it would delete.

Exit codes: 0 done, 1 a file does not verify, 2 wrong use.

Examples:
  bulwark audit retain /var/lib/app/logs/audit.jsonl* --keep 400d
  bulwark audit retain /var/lib/app/logs/audit.jsonl* --keep 400d --yes --json`;

const DAY_MS = 86_400_000;

/** Gives the command its arguments, options, help and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('delete old files of a log, and leave their signed heads')
    .argument('<files...>', 'files of the log, also packed (.gz), in any order')
    .requiredOption('--keep <days>', 'how long records are kept: 400d')
    .option('--yes', 'delete them')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (files: string[], { keep, yes, json }: Flags) => {
      const before = new Date(Date.now() - daysOf('--keep', keep) * DAY_MS).toISOString();
      const logs = files.filter((file) => !file.endsWith('.heads'));
      checkFiles(logs);
      const old: string[] = [];
      let bad: string | undefined;
      for (const file of (await inOrder(logs)).slice(0, -1)) {
        if ((await lastTime(file)) >= before) break;
        const { faultCount } = await verifyFiles([file], {});
        if (faultCount > 0) {
          bad = file;
          break;
        }
        old.push(file);
      }
      if (yes === true) for (const file of old) rmSync(file);
      const what = yes === true ? 'Deleted' : 'Would delete';
      terminal.out.write(
        json === true
          ? `${escapedJson({ deleted: yes === true ? old : [], old, bad })}\n`
          : `${old.map((file) => `${what} ${file}\n`).join('')}${old.length === 0 ? `Nothing is older than ${keep}.\n` : ''}`,
      );
      if (bad !== undefined) throw new Failed(`${bad} does not verify: it is kept, and so is all behind it.`);
    });
}
