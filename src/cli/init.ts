/** `bulwark init`: a policy and the layer in its place, as a diff; with --yes it is written. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { escapedJson } from '../audit/escaped-json.ts';
import { AnsweredNo, Failed, strong, type Terminal, WrongUse } from './terminal.ts';

const HELP = `
Reads the project: Express, Fastify, Hono on Node.js, node:http or Flask. What it would write is shown as a unified diff, which
git apply takes; --yes writes it, each file whole or not at all, inside of the folder and through no link. Nothing is
guessed: what cannot be placed for certain is printed as lines to add.

The first run refuses nothing: every control decides, counts and logs (mode "observe"). The lines of the policy say what to
do then, and docs/guides/going-live-observe-then-enforce.md of the package.

--from takes the place of packages as well: their calls go, what they were told stands in the policy, and holds from the start.
Each goes as a whole, where it is certain that all of what it did is taken over; else it stays, and the places that a person has
to look at are named: docs/guides/leaving/ of the package. Where passport or code of which nobody can be sure keeps values in
req.session, requestSession() of bulwark/request-session has the place of express-session, and req.session stays;
--no-request-session leaves the package there instead.

Exit codes: 0 all of it has a place, 1 some lines are for you to add, or it failed, 2 wrong use.

Examples:
  bulwark init
  bulwark init --yes
  bulwark init --from helmet,express-session,csurf,express-rate-limit
  bulwark init services/shop --entry services/shop/src/server.js`;

interface Flags {
  readonly entry?: string;
  readonly from?: string;
  readonly requestSession: boolean;
  readonly yes?: true;
  readonly json?: true;
}

/** Gives the command its arguments, options and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('write a policy for an application, and put the layer in its place')
    .argument('[folder]', 'the project', '.')
    .option('--entry <file>', 'the file that makes the application, where there are several')
    .option('--from <packages>', 'packages whose place it takes, which then go: helmet,csurf, ...')
    .option('--no-request-session', 'req.session goes place by place, or express-session stays')
    .option('--yes', 'write it, without asking')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action((folder: string, flags: Flags) => init(folder, flags, terminal));
}

async function init(folder: string, flags: Flags, terminal: Terminal): Promise<void> {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new WrongUse(`${folder} is no folder. Name that of the project.`);
  if (flags.entry !== undefined && !existsSync(flags.entry))
    throw new WrongUse(`There is no ${flags.entry}.`);
  const { planInit } = await import('../check/init/plan-init.ts');
  const { shownPath } = await import('../check/init/shown-path.ts');
  const { MOVABLE } = await import('../check/init/plan-moves.ts');
  const from = (flags.from ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  const unknown = from.filter((name) => !MOVABLE.includes(name));
  if (unknown.length > 0)
    throw new WrongUse(`--from takes ${MOVABLE.join(', ')}; nothing here knows ${unknown.join(', ')}.`);
  const plan = await planInit(folder, {
    from,
    keepsRequestSession: flags.requestSession,
    ...(flags.entry !== undefined && { entry: resolve(flags.entry) }),
  });
  const written = flags.yes === true ? await write(folder, plan.changes) : [];
  const failed = written.find(({ why }) => why !== undefined);
  const shown = await show(plan.changes);
  const { kind, byHand, notes, next } = plan;
  if (flags.json === true) {
    const changes = plan.changes.map(({ path }, at) => ({ path, diff: shown.diffs[at] }));
    terminal.out.write(`${escapedJson({ kind, changes, byHand, notes, next, written })}\n`);
  } else {
    if (flags.yes !== true) for (const diff of shown.diffs) terminal.out.write(diff);
    terminal.err.write(words(plan, flags, shown.masked, terminal));
    for (const { path, why } of written)
      terminal.err.write(
        why === undefined ? `wrote ${shownPath(path)}\n` : `left ${shownPath(path)} as it is: ${why}\n`,
      );
  }
  if (failed !== undefined) throw new Failed(`${shownPath(failed.path)} was not written: ${failed.why}.`);
  if (kind === undefined || byHand.length > 0) throw new AnsweredNo();
}

type Plan = Awaited<ReturnType<(typeof import('../check/init/plan-init.ts'))['planInit']>>;

async function write(
  folder: string,
  changes: Plan['changes'],
): Promise<readonly { readonly path: string; readonly why: string | undefined }[]> {
  const { writeChanges } = await import('../check/init/write-changes.ts');
  return writeChanges(folder, changes);
}

/** The diffs, without what may be a secret: they end up in logs. */
async function show(
  changes: Plan['changes'],
): Promise<{ readonly diffs: readonly string[]; readonly masked: number }> {
  const { unifiedDiff } = await import('../check/fix/unified-diff.ts');
  const { MaskedLines } = await import('../check/fix/masked-lines.ts');
  let masked = 0;
  const diffs = changes.map(({ path, before, after, edits }) => {
    if (before === undefined) return newFile(path, after);
    const lines = new MaskedLines(before);
    const diff = unifiedDiff(path, before, edits, (line) => lines.shown(line));
    masked += lines.count;
    return diff;
  });
  return { diffs, masked };
}

function newFile(path: string, text: string): string {
  const lines = text.split('\n').slice(0, -1);
  return `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join('')}`;
}

function words(
  { byHand, notes, next, changes }: Plan,
  flags: Flags,
  masked: number,
  { err }: Terminal,
): string {
  const said: string[] = [];
  for (const { where, lines } of byHand)
    said.push(strong(`To add by hand, ${where}:`, err), ...lines.map((line) => `    ${line}`));
  for (const note of notes) said.push(note);
  if (masked > 0)
    said.push(
      `${masked} lines are masked, since they may hold secrets: git apply takes no such diff, --yes writes it.`,
    );
  if (changes.length > 0 && flags.yes !== true)
    said.push('Nothing is written yet: the same command with --yes writes it.');
  if (changes.length > 0) said.push('Then:', ...next.map((line) => `    ${line}`));
  return said.map((line) => `${line}\n`).join('');
}
