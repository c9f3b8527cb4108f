/** `bulwark routes FILE`: every route of an application, the rule that holds for it, and those without one. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { escapedJson } from '../audit/escaped-json.ts';
import { FastifyRecorder } from '../check/routes/read-fastify.ts';
import { expressLayer, readExpress } from '../check/routes/read-express.ts';
import { readHono } from '../check/routes/read-hono.ts';
import type { FoundRoute, LayerPlace } from '../check/routes/found-route.ts';
import { type ListedRoute, type Listing, listRoutes } from '../check/routes/list-routes.ts';
import { readRuleBook } from '../check/routes/rule-book.ts';
import { findFrameworks } from '../policy/find-frameworks.ts';
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
holds; or they stand above the layer, which judges them only where the server is its own (layer.createServer). Rules
that match no route are listed below: a path may be misspelt.

Exit codes: 0 every route has a rule, 1 some have none, there is no layer, or it failed, 2 wrong use.

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
      terminal.out.write(flags.json === true ? `${escapedJson(listing)}\n` : asText(listing, terminal));
      if (listing.layer === 'none' || listing.routes.some(({ forgotten }) => forgotten))
        throw new AnsweredNo();
    });
}

async function list(file: string, flags: Flags): Promise<Listing> {
  const recorder = new FastifyRecorder();
  try {
    const module = await loadModule(file);
    const application = await readApplication(module, recorder);
    if (application === undefined) {
      throw new WrongUse(
        `${file} exports no application as "default" or "app": an Express 5 application, a Fastify 5 instance made by this ` +
          'import, or a Hono application.',
      );
    }
    const policy = await findPolicy(file, module, flags);
    const { found, layer } = application;
    const frameworks = findFrameworks(packageFolder(file));
    return listRoutes(found, await readRuleBook(policy), { layer, frameworks });
  } finally {
    recorder.stop();
  }
}

async function readApplication(module: Module, recorder: FastifyRecorder): Promise<Application | undefined> {
  const { default: main, app } = module;
  const hasLayer = (found: readonly FoundRoute[]): boolean => found.some(({ kind }) => kind === 'layer');
  // The last one is what a CommonJS module hands out.
  for (const candidate of [main, app, propertyOf(main, 'app')]) {
    const express = readExpress(candidate);
    if (express !== undefined) return { found: express, layer: expressLayer(candidate, express) };
    const hono = readHono(candidate);
    // It stands in the server, which the application does not know.
    if (hono !== undefined) return { found: hono, layer: hasLayer(hono) ? 'found' : 'unseen' };
    const fastify = await recorder.read(candidate);
    if (fastify !== undefined) return { found: fastify, layer: hasLayer(fastify) ? 'found' : 'none' };
  }
  return undefined;
}

interface Application {
  readonly found: readonly FoundRoute[];
  readonly layer: LayerPlace;
}

/** The nearest folder above a file that has a package.json; else that of the file. */
function packageFolder(file: string): string {
  const own = dirname(resolve(file));
  for (let folder = own; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return own;
  }
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

function asText(listing: Listing, terminal: Terminal): string {
  const { routes, unmatched, frameworks, overridden } = listing;
  const { out } = terminal;
  const rows = routes.filter((route) => !isOverEverything(route));
  const paths = routes.map(({ path }) => path);
  const over = routes.filter(isOverEverything).map(({ name }) => name);
  const rulesUnmatched = unmatched.map((pattern) => {
    const guess = nearest(pattern.replace(/^\S+ /, ''), paths);
    return `  ${pattern}${guess === undefined ? '' : `  did you mean ${guess}?`}`;
  });
  const paragraphs = [
    table(rows, out),
    ...verdictOf(listing).map((line) => (line === ALL_HAVE_RULES ? line : strong(line, out))),
    ...(frameworks.length === 0
      ? []
      : [
          `Answered beside the pages:\n${frameworks
            .map(({ framework, answers, rule }) => `  ${framework}: ${answers}: ${rule}`)
            .join('\n')}`,
        ]),
    ...(overridden.length === 0
      ? []
      : [
          strong(
            `methodOverride changes the method behind the layer: a POST gets round ${overridden.join(', ')}. Write rules without a method there, or leave it out.`,
            out,
          ),
        ]),
    ...(unmatched.length === 0
      ? []
      : [`Rules that match no route that could be read:\n${rulesUnmatched.join('\n')}`]),
    ...(over.length === 0
      ? []
      : [faint(`Over every path, and may answer there too: ${[...new Set(over)].join(', ')}.`, out)]),
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`;
}

const ALL_HAVE_RULES = 'Every route has a rule.';

function verdictOf({ routes, otherwise, layer }: Listing): readonly string[] {
  const outside = routes.filter((route) => route.forgotten && route.outside).length;
  const forgotten = routes.filter((route) => route.forgotten).length - outside;
  const lines = [
    ...(forgotten === 0
      ? []
      : [`${forgotten} without a rule: access.otherwise holds there, which is ${otherwise}.`]),
    ...(outside === 0
      ? []
      : [
          `${outside} above the layer: a rule holds there only where the server is the layer's. Mount it first: app.use(layer).`,
        ]),
    ...(layer === 'none' ? [NO_LAYER] : []),
  ];
  if (lines.length > 0) return lines;
  return layer === 'found' ? [ALL_HAVE_RULES] : [UNSEEN_LAYER];
}

const NO_LAYER =
  'There is no layer in this application, so none of these rules holds: app.use(layer) on Express, Fastify({ serverFactory: layer.serverFactory }).';
const UNSEEN_LAYER =
  'Each route is in the policy. Whether a layer stands before them cannot be seen here: app.use(layer) shows it.';

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

function cellsOf({
  methods,
  path,
  kind,
  name,
  require,
  limit,
  narrower,
  outside,
  forgotten,
}: ListedRoute): string[] {
  const notes = [
    kind === 'route' ? undefined : `${kind === 'mount' ? 'all below, by' : 'may answer below:'} ${name}`,
    outside ? 'above the layer' : undefined,
    limit === null ? undefined : `limit ${limit}`,
    narrower.length === 0 ? undefined : `another rule for ${narrower.join(', ')}`,
  ].filter((note) => note !== undefined);
  const where = kind === 'route' ? path : `${path.replace(/\/\*?$/, '')}/**`;
  return [`${forgotten ? '!' : ' '} ${methods.join(',')}`, where, require ?? 'no rule', notes.join('; ')];
}
