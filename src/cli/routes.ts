/** `bulwark routes FILE`: every route of an application, the rule that holds for it, and those without one. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { FastifyRecorder } from '../check/routes/read-fastify.ts';
import { readExpress } from '../check/routes/read-express.ts';
import { readHono } from '../check/routes/read-hono.ts';
import type { FoundRoute } from '../check/routes/found-route.ts';
import { type ListedRoute, type Listing, listRoutes } from '../check/routes/list-routes.ts';
import { readRuleBook } from '../check/routes/rule-book.ts';
import { nearest } from '../core/nearest.ts';
import { loadModule, printingAside } from './load-module.ts';
import { AnsweredNo, faint, strong, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy?: string;
  readonly json?: true;
}

type Module = Readonly<Record<string, unknown>>;

const CONFIGS = ['bulwark.config.ts', 'bulwark.config.js', 'bulwark.config.mjs'];

const HELP = `
FILE is a module, in TypeScript or JavaScript, whose export "default" or "app" is an Express 5 application or router,
a Fastify 5 instance or a Hono application. It is imported, and that runs it: export the application without
listening, and set what it needs (BULWARK_SECRET, where it makes its layer). What it prints goes to standard error.

The policy is that of --policy, or the export "policy" of FILE, or a bulwark.config.ts beside FILE.

Routes marked with ! have no rule: no "require" of the policy speaks of all of their addresses, and access.otherwise
holds. Rules that match no route are listed below: a path may be misspelt.

Exit codes: 0 every route has a rule, 1 some have none or it failed, 2 wrong use.

Examples:
  bulwark routes app.ts
  bulwark routes server/app.js --policy config/policy.js
  bulwark routes app.ts --json`;

/** Gives the command its arguments, options and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('list the routes of an application and the rule that holds for each')
    .argument('<file>', 'the module that exports the application')
    .option('--policy <file>', 'the module that exports the policy, as default or as "policy"')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (file: string, flags: Flags) => {
      const listing = await printingAside(() => list(file, flags));
      terminal.out.write(flags.json === true ? `${JSON.stringify(listing)}\n` : asText(listing, terminal));
      if (listing.routes.some(({ forgotten }) => forgotten)) throw new AnsweredNo();
    });
}

async function list(file: string, flags: Flags): Promise<Listing> {
  const recorder = new FastifyRecorder();
  try {
    const module = await loadModule(file);
    const found = await readApplication(module, recorder);
    if (found === undefined) {
      throw new WrongUse(
        `${file} exports no application as "default" or "app": an Express 5 application, a Fastify 5 instance made by this ` +
          'import, or a Hono application.',
      );
    }
    const policy = await findPolicy(file, module, flags);
    return listRoutes(found, await readRuleBook(policy));
  } finally {
    recorder.stop();
  }
}

async function readApplication(
  module: Module,
  recorder: FastifyRecorder,
): Promise<readonly FoundRoute[] | undefined> {
  const { default: main, app } = module;
  // The last one is what a CommonJS module hands out.
  for (const candidate of [main, app, propertyOf(main, 'app')]) {
    const found = readExpress(candidate) ?? readHono(candidate) ?? (await recorder.read(candidate));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findPolicy(file: string, module: Module, flags: Flags): Promise<object> {
  const beside = CONFIGS.map((name) => join(dirname(file), name)).find((path) => existsSync(path));
  const own = module['policy'] ?? propertyOf(module['default'], 'policy');
  const path = flags.policy ?? (own === undefined ? beside : undefined);
  const exported = path === undefined ? { policy: own } : await loadModule(path);
  const policy = exported['policy'] ?? exported['default'];
  if (typeof policy === 'object' && policy !== null) return policy;
  throw new WrongUse(
    path === undefined
      ? `${file} exports no "policy", and there is no bulwark.config.ts beside it: name the file with --policy.`
      : `${path} exports no policy as "default" or "policy".`,
  );
}

/** What an object has, and a function that is an application may have. */
function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Module)[name] : undefined;
}

function asText({ routes, otherwise, unmatched }: Listing, terminal: Terminal): string {
  const { out } = terminal;
  const rows = routes.filter((route) => !isOverEverything(route));
  const forgotten = routes.filter((route) => route.forgotten).length;
  const paths = routes.map(({ path }) => path);
  const over = routes.filter(isOverEverything).map(({ name }) => name);
  const rulesUnmatched = unmatched.map((pattern) => {
    const guess = nearest(pattern.replace(/^\S+ /, ''), paths);
    return `  ${pattern}${guess === undefined ? '' : `  did you mean ${guess}?`}`;
  });
  const paragraphs = [
    table(rows, out),
    forgotten === 0
      ? 'Every route has a rule.'
      : strong(`${forgotten} without a rule: access.otherwise holds there, which is ${otherwise}.`, out),
    ...(unmatched.length === 0
      ? []
      : [`Rules that match no route that could be read:\n${rulesUnmatched.join('\n')}`]),
    ...(over.length === 0
      ? []
      : [faint(`Over every path, and may answer there too: ${[...new Set(over)].join(', ')}.`, out)]),
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`;
}

function isOverEverything({ kind, path }: ListedRoute): boolean {
  return kind === 'maybe' && (path === '/' || path === '/*');
}

function table(rows: readonly ListedRoute[], out: Terminal['out']): string {
  const cells = rows.map((row) => ({ row, line: cellsOf(row) }));
  const widths = [0, 1, 2].map((column) =>
    Math.max(0, ...cells.map(({ line }) => line[column]?.length ?? 0)),
  );
  return cells
    .map(({ row, line }) => {
      const text = line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd();
      return row.forgotten ? strong(text, out) : text;
    })
    .join('\n');
}

function cellsOf({ methods, path, kind, name, require, limit, narrower, forgotten }: ListedRoute): string[] {
  const notes = [
    kind === 'route' ? undefined : `${kind === 'mount' ? 'all below, by' : 'may answer below:'} ${name}`,
    limit === null ? undefined : `limit ${limit}`,
    narrower.length === 0 ? undefined : `another rule for ${narrower.join(', ')}`,
  ].filter((note) => note !== undefined);
  const where = kind === 'route' ? path : `${path.replace(/\/\*?$/, '')}/**`;
  return [`${forgotten ? '!' : ' '} ${methods.join(',')}`, where, require ?? 'no rule', notes.join('; ')];
}
