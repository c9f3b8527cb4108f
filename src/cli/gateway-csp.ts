/** `bulwark gateway csp`: what pages of the application run, and which of it their policy is to let run. */
import { existsSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { escapedJson } from '../audit/escaped-json.ts';
import { defaultsOf } from '../core/options.ts';
import { pagesOptions } from '../gateway/options/pages.options.ts';
import { readAccepted, writeAccepted } from '../gateway/pages/accepted-sources.ts';
import { accepting, type Offer, offersOf, oneLine, type Standing } from '../gateway/pages/offers.ts';
import { SeenCodes } from '../gateway/pages/seen-code.ts';
import { readTemplates, type TemplateCode } from '../gateway/pages/templates.ts';
import { importPolicy } from '../policy/load-policy.ts';
import { printingAside } from './load-module.ts';
import { faint, strong, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy?: string;
  readonly templates?: string;
  readonly clients: string;
  readonly json?: true;
}

/** What the command looks at. */
interface Looked {
  readonly offers: readonly Offer[];
  readonly templates: readonly TemplateCode[];
  readonly sources: string;
}

const HELP = `
A gateway with csp: { mode: 'observe' } notes what its pages run. Here is the difference between that and the policy; what you
accept goes into bulwark.csp.json (gateway.pages.sources), which the gateway reads when it starts. Read each text before you
accept it: whoever could write it into a page for several visitors is not told from the application.

--templates reads the application's own templates (Jinja, Django): a script that stands there as it is needs no more proof.

Examples:
  bulwark gateway csp --templates app/templates
  bulwark gateway csp accept
  bulwark gateway csp accept sha256-4rD0t...`;

const FEWEST_CLIENTS = 2;

/** Gives the command its options and work. */
export function defineCsp(command: Command, terminal: Terminal): void {
  command
    .description('what pages run that their policy stops, and what to let run')
    .option('--templates <folder>', 'templates of the application, whose scripts are its own')
    .option(
      '--clients <number>',
      'how many clients must have had a script for it to be offered',
      `${FEWEST_CLIENTS}`,
    )
    .option('--json', 'one line of JSON')
    .addHelpText('after', HELP)
    .action(async (_flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<Flags>();
      const looked = await look(flags);
      if (flags.json === true) terminal.out.write(`${escapedJson(looked.offers)}\n`);
      else terminal.out.write(report(looked, terminal));
    });
  command
    .command('accept [sources...]')
    .description('let what is offered run, or what is named: hashes, or how they begin')
    .action(async (named: readonly string[], _flags: unknown, self: Command) => {
      const { offers, sources } = await look(self.optsWithGlobals<Flags>());
      const taken =
        named.length === 0 ? offers.filter(({ standing }) => standing === 'offered') : pick(offers, named);
      writeAccepted(sources, accepting(readAccepted(sources), taken));
      // What was written is what the gateway will read: with all of its checks.
      readAccepted(sources);
      for (const { directive, source, text } of taken)
        terminal.out.write(`${directive} ${source}  ${faint(shortened(text), terminal.out)}\n`);
      terminal.err.write(
        `${taken.length} in ${sources}. The gateway reads it when it starts, and at SIGHUP.\n`,
      );
    });
}

async function look(flags: Flags): Promise<Looked> {
  const clients = Number(flags.clients);
  if (!Number.isInteger(clients) || clients < 1 || clients > 8) throw new WrongUse('--clients takes 1 to 8.');
  const { file, sources } = await placesOf(flags);
  const { templates: folder } = flags;
  if (folder !== undefined && statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new WrongUse(`There is no folder ${folder}.`);
  if (folder === undefined && !existsSync(file))
    throw new WrongUse(
      `Nothing was seen yet: there is no ${file}. Start the gateway with csp: { mode: 'observe' }, or name --templates.`,
    );
  const templates = folder === undefined ? [] : await readTemplates(folder);
  const accepted = readAccepted(sources);
  return { offers: offersOf({ seen: seenIn(file), templates, accepted, clients }), templates, sources };
}

/** As the policy has it. Its other sections are not read: a secret is not needed here. */
async function placesOf({ policy }: Flags): Promise<{ file: string; sources: string }> {
  const { gateway } = policy === undefined ? {} : await printingAside(() => importPolicy(policy));
  const { seen, sources } = defaultsOf(pagesOptions);
  return { file: gateway?.pages?.seen ?? seen, sources: gateway?.pages?.sources ?? sources };
}

function seenIn(file: string): ReturnType<SeenCodes['all']> {
  if (!existsSync(file)) return [];
  const codes = new SeenCodes(file);
  try {
    return codes.all();
  } finally {
    codes.close();
  }
}

function pick(offers: readonly Offer[], named: readonly string[]): readonly Offer[] {
  return named.map((name) => {
    const wanted = name.replaceAll("'", '');
    const found = offers.filter(({ source }) => source.replaceAll("'", '').startsWith(wanted));
    const [one] = found;
    if (one === undefined || found.length > 1)
      throw new WrongUse(
        `${one === undefined ? 'Nothing' : 'More than one source'} here begins with ${oneLine(name)}.`,
      );
    const why = REFUSED[one.standing];
    if (why !== undefined) throw new WrongUse(`${one.source}: ${why}`);
    return one;
  });
}

const REFUSED: Partial<Record<Standing, string>> = {
  sent: 'a visitor had sent it before it was seen. If it is yours all the same, write it into csp.directives of the policy.',
  reflected:
    'only requests that had it in them got it back. If it is yours all the same, write it into csp.directives.',
  unsafe: 'a source that would let in whatever an attacker puts there.',
  attribute: 'no source lets attributes run: move them into a script.',
};

const TITLES: Readonly<Record<Standing, string>> = {
  offered: 'Offered: several clients had it and no visitor sent it, or it stands in a template',
  rare: 'One client had it alone: accept it by its name, if it is yours',
  sent: 'A visitor sent it before it was seen: somebody tried to get it into a page',
  reflected: 'Only requests that had it in them got it back',
  unsafe: 'No policy should let this in',
  attribute: 'No source lets attributes run: move them into a script',
  accepted: 'Accepted already',
};

function report({ offers, templates, sources }: Looked, { out }: Terminal): string {
  const groups = [...Map.groupBy(offers, ({ standing }) => standing)].map(([standing, all]) =>
    [strong(TITLES[standing], out), ...all.flatMap((one) => rowsOf(one, out)), ''].join('\n'),
  );
  const varying = templates.filter(({ source }) => source === undefined);
  const nonced = varying.map(({ file, text }) => `  ${oneLine(file)}  ${faint(shortened(text), out)}`);
  if (nonced.length > 0)
    groups.push(
      [
        strong(
          'Another text in each answer: no hash fits. Give them the nonce, or move what changes into data',
          out,
        ),
        ...nonced,
        '',
      ].join('\n'),
    );
  const offered = offers.filter(({ standing }) => standing === 'offered').length;
  const end =
    offered === 0
      ? `Nothing to accept beside what is in ${sources}.`
      : `bulwark gateway csp accept: puts the ${offered} offered into ${sources}.`;
  return `${[...groups, end].join('\n')}\n`;
}

function rowsOf({ directive, source, text, template, seen }: Offer, out: Terminal['out']): readonly string[] {
  const where =
    seen === undefined
      ? []
      : [
          `${seen.answers} answers`,
          `${seen.clients.length}${seen.clients.length === 8 ? ' or more' : ''} clients`,
          ...seen.paths.map(oneLine),
        ];
  const told = [...(template === undefined ? [] : [`in ${oneLine(template)}`]), ...where];
  return [
    `  ${directive} ${oneLine(source)}`,
    `    ${told.join(', ')}`,
    `    ${faint(shortened(text), out)}`,
  ];
}

const LONGEST_SHOWN = 200;

function shortened(text: string): string {
  const line = oneLine(text);
  return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)} ...` : line;
}
