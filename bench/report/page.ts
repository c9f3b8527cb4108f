/** `docs/performance.md` and its plots, from the figures of one full run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCENARIOS } from '../load/measure.ts';
import { importTable } from '../parts/imports.ts';
import { logInsTable } from '../parts/log-ins.ts';
import { type ProfileResult, profileTables } from '../parts/profile.ts';
import { scaleTables } from '../parts/scale.ts';
import { failures, widths } from '../parts/stacks.ts';
import { STACKS } from '../stacks/all.ts';
import { type Budget, budgets, budgetTable, type Measured } from './budgets.ts';
import { costChart, scaleCharts } from './charts.ts';
import { type Machine, peerVersions } from './machine.ts';
import { REASONS } from './reasons.ts';
import { stacksTable } from './stacks-table.ts';
import { markdownTable } from './table.ts';

/** Everything the page is made of. */
export interface PageFacts extends Measured {
  readonly machine: Machine;
  readonly minutes: number;
  readonly profiles: readonly ProfileResult[];
}

const DOCS = join(import.meta.dirname, '../../docs');

/** Writes the page. Returns the paths of its files. */
export function writePage(facts: PageFacts): readonly string[] {
  mkdirSync(join(DOCS, 'performance'), { recursive: true });
  const files = [
    [join(DOCS, 'performance.md'), pageOf(facts)],
    [join(DOCS, 'performance/cost.svg'), costChart(facts.stacks)],
    [join(DOCS, 'performance/scale.svg'), scaleCharts(facts.scale)],
  ] as const;
  for (const [path, text] of files) writeFileSync(path, text);
  return files.map(([path]) => path);
}

function pageOf(facts: PageFacts): string {
  const all = budgets(facts);
  const sections = [
    `# Performance\n\n${intro(facts)}`,
    `## Promises\n\n${markdownTable(budgetTable(all))}\n\n${missed(all)}`,
    `## What a request costs\n\n${requests(facts)}`,
    `## What grows and what does not\n\n![Curves of scale](performance/scale.svg)\n\n${scale(facts)}`,
    `## A page while people log in\n\n${LOG_INS}\n\n${markdownTable(logInsTable(facts.logIns))}`,
    `## Cold starts\n\n${IMPORTS}\n\n${markdownTable(importTable(facts.imports))}`,
    `## Where the time goes\n\n${facts.profiles.map(profile).join('\n\n')}`,
    `## What is compared\n\n${COMPARED}\n\n${madeOf()}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

function intro({ machine, minutes }: PageFacts): string {
  return `Written by \`npm run bench -- --write\` on ${machine.date}, in ${minutes.toFixed(0)} minutes: ${machine.cpu}, ${machine.cores}
cores, ${machine.memoryGB} GB, ${machine.system}, Node.js ${machine.node.slice(1)}; load before it began: ${machine.load.toFixed(1)}. Every figure of a table comes from the
same run. On another machine all of them differ; what should stay is their ratios. The gateway has [a page of its own](performance/gateway.md).`;
}

function missed(all: readonly Budget[]): string {
  const names = all.filter(({ reached }) => !reached).map(({ name, measured }) => `${name}: ${measured}`);
  if (names.length === 0) return 'All are kept.';
  return `Not kept in this run:\n\n${names.map((line) => `- ${line}`).join('\n')}`;
}

function requests({ stacks }: PageFacts): string {
  const tables = SCENARIOS.map(({ name }) => `### ${name}\n\n${markdownTable(stacksTable(stacks, name))}`);
  return [
    '![CPU added to a page](performance/cost.svg)',
    COST,
    ...tables,
    ...widths(stacks),
    ...failures(stacks),
  ].join('\n\n');
}

function scale({ scale: curves }: PageFacts): string {
  return scaleTables(curves)
    .map(([title, table]) => `### ${title}\n\n${markdownTable(table)}`)
    .join('\n\n');
}

function profile(result: ProfileResult): string {
  const tables = profileTables(result).map(([title, table]) => `### ${title}\n\n${markdownTable(table)}`);
  const places = [...new Set(result.lines.map(({ file, name }) => `${file} ${name}`))].slice(0, 3);
  const reasons = places.map((place) => {
    const reason = REASONS[place];
    if (reason === undefined) console.error(`bench/report/reasons.ts has no word about '${place}'`);
    const [file, name] = place.split(' ');
    return `- \`${name}\` (${file}): ${reason ?? 'not looked into yet.'}`;
  });
  return [...tables, `The three dearest functions among these lines:\n\n${reasons.join('\n')}`].join('\n\n');
}

function madeOf(): string {
  const rows = STACKS.map(({ name, parts, stores }) => [name, parts, stores.join(', ')]);
  return `${markdownTable({ head: ['stack', 'made of', 'state in'], rows })}\n\nVersions: ${peerVersions()}.`;
}

const COST = `Each application is a process of its own on one core, beside the load (wrk, 16 connections, the header lines of
Chromium behind a proxy); Redis has the other. All take turns in slices of a second, in a new order each round. From a core of its
own the load would blur the picture: whoever answers a client that sleeps has to wake the other core, and on a virtual machine that
leaves the machine. On 2026-11-30 that made of 35 us of node-bulwark 47, and left 19 us of node-bare 19, since the load never slept
before that one.
*CPU* is the server process's own time per request, in the best round, since noise only adds; *added* is that less the
bare application's on the same framework; *range* is the same round by round. *Kept* is what a core can still answer, by CPU time:
the bare application's over the stack's. *Requests/s* are of the core that server and load share. Where the middle half of the rounds is wider than 15 % of its middle, there are as many rounds more, 18 at most,
and below the tables stands what stayed wide. *Of peers* and *of cheapest* are what Bulwark adds over what the usual and the cheapest peers add. Trips
to Redis are counted by a proxy, one request at a time.`;

const LOG_INS = `100 clients log in again and again, more than the queue for hashing holds; a page is visited 400 times a second
meanwhile. The server has one core, for its event loop and for hashing: the harshest case, and one in which the load,
on the other core, waits for nobody. *Unqueued* is the same site without a bound: everything that comes is hashed at
once, as far as Node.js has threads.`;

const IMPORTS = `A fresh process for each, on one core, taking turns; what a process that does nothing takes is subtracted. *First
answer* is a process that imports, listens, and answers itself once.

What is left of an import of Bulwark is reading: V8 compiles a megabyte of source, and Node.js makes its own parts for
cryptography and HTTP ready. Where \`NODE_COMPILE_CACHE\` names a folder, Node.js keeps there what it compiled, and an import takes
0.6 of the time: [deploy/README.md](../deploy/README.md#how-it-fits-the-policy) has the line, and what to mind.`;

const COMPARED = `Before a stack is measured it must prove its features (\`bench/checks/features.ts\`), in \`npm test\` too: a nonce of its own
for each response, the same in page and header; security headers; a session that is kept on the server, and that a
made-up cookie does not open; a token in the form that makes a difference, and forms of other sites refused; a limit for
each client that refuses at its count and tells where the client stands; no-store. Each peer is set up as its own
documentation asks for production, and where several settings do the same, the cheapest was taken.

Where that is not quite equal, it is in favour of the peers. \`express-peers\` alone puts off the end of a session with
each use; \`express-lean\`, Fastify and Hono end it at a fixed time, which saves a trip to Redis. \`express-lean\` and
Fastify give visitors no token, so that their log-in form is open to forged log-ins; Bulwark needs none there, since it
asks where a form comes from. Hono has no tokens: one is kept in the session by hand. \`fastify-lean\` builds helmet once,
where @fastify/helmet builds it for each request. None of them reads a request as strictly as Bulwark does, counts
unknown paths, bounds the limiter's memory, keeps only the hash of a session id, or writes an audit log.`;
