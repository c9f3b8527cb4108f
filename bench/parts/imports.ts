/** `bench import`: what it takes a fresh process to import a package, and to give its first answer. */
import { buildPackage, coldStart, type Start } from '../load/cold-start.ts';
import { ROOT } from '../load/server-process.ts';
import { Progress } from '../report/progress.ts';
import { median } from '../report/summary.ts';
import { plainTable, show, type Table } from '../report/table.ts';
import { SECRET } from '../stacks/application.ts';

/** One program. Milliseconds of a whole process, less those of one that does nothing. */
export interface ImportRow {
  readonly name: string;
  readonly kind: 'import' | 'first answer';
  /** From its start to its end: the median and the best. */
  readonly median: number;
  readonly best: number;
  /** CPU time, the median: all that a busy machine leaves comparable. */
  readonly cpu: number;
}

/** What was measured. */
export interface ImportResult {
  /** Milliseconds of a process that does nothing, the median. */
  readonly bareNode: number;
  readonly rows: readonly ImportRow[];
}

const RUNS = 11;
const QUICK_RUNS = 5;

/** Builds the package as it is published, and starts a process for each program again and again, taking turns. */
export function runImports(quick: boolean): ImportResult {
  buildPackage(ROOT);
  const runs = quick ? QUICK_RUNS : RUNS;
  const times = new Map(PROGRAMS.map((program) => [program, [] as Start[]]));
  const progress = new Progress('cold starts');
  // One round more: the first fills the page cache.
  for (let run = 0; run <= runs; run += 1) {
    progress.report(run, runs + 1);
    for (const [program, all] of times) {
      const time = coldStart(program.code, ROOT);
      if (run > 0) all.push(time);
    }
  }
  progress.report(runs + 1, runs + 1);
  const bare = summaryOf(times.get(BARE) ?? []);
  const rows = PROGRAMS.filter((program) => program !== BARE).map((program) => {
    const own = summaryOf(times.get(program) ?? []);
    return {
      name: program.name,
      kind: program.kind,
      median: own.median - bare.median,
      best: own.best - bare.best,
      cpu: own.cpu - bare.cpu,
    };
  });
  return { bareNode: bare.median, rows };
}

/** The figures as a table. */
export function importTable({ rows }: ImportResult): Table {
  return {
    head: ['over bare Node, in ms', 'median', 'best', 'CPU'],
    rows: rows.map((row) => [`${row.kind}: ${row.name}`, show(row.median), show(row.best), show(row.cpu)]),
  };
}

/** The figures as a person reads them. */
export function showImports(result: ImportResult): string {
  return `cold starts (a process that does nothing: ${show(result.bareNode)} ms)\n\n${plainTable(importTable(result))}`;
}

interface Program {
  readonly name: string;
  readonly kind: ImportRow['kind'];
  readonly code: string;
}

const BARE: Program = { name: 'nothing', kind: 'import', code: '' };
const EXPRESS_PEERS = ['helmet', 'express-session', 'cookie-parser', 'csrf-csrf', 'express-rate-limit'];
const FASTIFY_PEERS = [
  ...['@fastify/helmet', '@fastify/cookie', '@fastify/session'],
  ...['@fastify/csrf-protection', '@fastify/rate-limit'],
];
const HONO_PEERS = ['hono/secure-headers', 'hono/csrf', 'hono-sessions', 'hono-rate-limiter'];

const PROGRAMS: readonly Program[] = [
  BARE,
  imports('bulwark/express'),
  imports('bulwark/node'),
  imports('bulwark/fastify'),
  imports('bulwark/hono'),
  imports('helmet'),
  imports('better-auth'),
  imports(...EXPRESS_PEERS),
  imports(...EXPRESS_PEERS, 'connect-redis', 'rate-limit-redis', 'redis'),
  imports(...FASTIFY_PEERS),
  imports(...HONO_PEERS),
  imports('express'),
  { name: 'express', kind: 'first answer', code: firstAnswer('', '', 'createServer(app)') },
  {
    name: 'express under bulwark/express',
    kind: 'first answer',
    code: firstAnswer(
      `import { bulwark } from 'bulwark/express'; import { memory } from 'bulwark/memory';`,
      `const layer = bulwark({ secrets: { name: 'bench', load: () => ['${SECRET}'] }, state: memory() }); app.use(layer);`,
      'layer.createServer(app)',
    ),
  },
];

function imports(...names: readonly string[]): Program {
  return {
    name: names.join(', '),
    kind: 'import',
    code: names.map((name) => `import '${name}';`).join('\n'),
  };
}

function firstAnswer(more: string, use: string, server: string): string {
  return `import express from 'express'; import { createServer, get } from 'node:http'; ${more}
const app = express(); ${use}
app.get('/', (request, response) => response.send('hello'));
const server = ${server}.listen(0, '127.0.0.1', () =>
  get({ port: server.address().port, host: '127.0.0.1' }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)));`;
}

function summaryOf(starts: readonly Start[]): Pick<ImportRow, 'median' | 'best' | 'cpu'> {
  const walls = starts.map(({ wall }) => wall);
  return { median: median(walls), best: Math.min(...walls), cpu: median(starts.map(({ cpu }) => cpu)) };
}
