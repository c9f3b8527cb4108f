/** `docs/performance/gateway.md`, and the same for a terminal. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../report/machine.ts';
import { median } from '../report/summary.ts';
import { markdownTable, plainTable, show, type Table } from '../report/table.ts';
import type { BodyFigures } from './bodies.ts';
import type { MemoryFigures } from './memory.ts';
import { labelOf } from './proxies.ts';
import { addedLatency, perCore, ratioOf, type RequestFigures } from './requests.ts';
import type { VisitFigures, Waits } from './visitors.ts';

/** What was measured, as far as it was. */
export interface GatewayFigures {
  readonly machine: Machine;
  readonly requests?: readonly RequestFigures[];
  readonly bodies?: readonly BodyFigures[];
  readonly visitors?: readonly VisitFigures[];
  readonly memory?: MemoryFigures;
}

type Section = readonly [title: string, text: string, table: Table];

const DOCS = join(import.meta.dirname, '../../docs/performance');
const KEPT = labelOf({ name: 'bulwark', upstream: 'kept' });
const NEW = labelOf({ name: 'bulwark', upstream: 'new' });
const MB = 1024 * 1024;

/** For a person at a terminal. */
export function showGateway(figures: GatewayFigures): string {
  return sections(figures)
    .map(([title, , table]) => `${title}\n\n${plainTable(table)}`)
    .join('\n\n');
}

/** Writes the page. Returns its path. */
export function writeGatewayPage(figures: GatewayFigures): string {
  const { machine } = figures;
  const intro = `# The gateway beside other proxies

Written by \`npm run bench -- gateway --write\` on ${machine.date}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB,
${machine.system}, Node.js ${machine.node.slice(1)}; load before it began: ${machine.load.toFixed(1)}. Each proxy has one core, the load and
the application the other; all take turns within one run. On a machine that does other work, only ratios say something.`;
  const body = sections(figures).map(
    ([title, text, table]) => `## ${title}\n\n${text}\n\n${markdownTable(table)}`,
  );
  mkdirSync(DOCS, { recursive: true });
  const path = join(DOCS, 'gateway.md');
  writeFileSync(path, `${[intro, ...body].join('\n\n')}\n`);
  return path;
}

function sections(figures: GatewayFigures): readonly Section[] {
  const { requests, bodies, visitors, memory } = figures;
  return [
    ...promises(figures),
    ...(requests === undefined ? [] : [requestSection(requests)]),
    ...(bodies === undefined ? [] : [bodySection(bodies)]),
    ...(visitors === undefined ? [] : [visitorSection(visitors)]),
    ...(memory === undefined ? [] : [memorySection(memory), connectionSection(memory)]),
  ];
}

/** What is to be reached, and what was: in a full run. */
function promises({ requests, bodies, visitors, memory }: GatewayFigures): readonly Section[] {
  if (requests === undefined || bodies === undefined || visitors === undefined || memory === undefined)
    return [];
  const row = <Row extends { readonly label: string }>(rows: readonly Row[], label: string): Row => {
    const found = rows.find((one) => one.label.startsWith(label));
    if (found === undefined) throw new Error(`nothing was measured of ${label}`);
    return found;
  };
  const kept = row(requests, KEPT);
  const over = (label: string): number => ratioOf(kept, row(requests, label));
  const [own, nginx] = [row(bodies, KEPT), row(bodies, 'nginx, ')];
  const share = (way: 'down' | 'up'): number =>
    median(own[way].map((value, turn) => value / (nginx[way][turn] ?? Number.NaN)));
  const visits = row(visitors, 'bulwark');
  const half = memory.requests.at(Math.floor(memory.requests.length / 2))?.resident ?? Number.NaN;
  const grown = (memory.requests.at(-1)?.resident ?? Number.NaN) / half;
  const slower = addedLatency(kept, row(requests, 'nginx, connections kept'));
  const lines: readonly (readonly [name: string, target: string, measured: string, kept: boolean])[] = [
    ["requests a core over Caddy's", 'at least 1, aim 1.3', show(over('caddy'), 2), over('caddy') >= 1],
    ["over nginx's", 'at least 0.5', show(over('nginx, '), 2), over('nginx, ') >= 0.5],
    [
      'over nginx with ModSecurity and CRS',
      'at least 12',
      show(over('nginx with'), 1),
      over('nginx with') >= 12,
    ],
    ['us slower than nginx on one connection', 'at most 150', show(slower, 0), slower <= 150],
    ["MB/s of a download over nginx's", 'at least 0.5', show(share('down'), 2), share('down') >= 0.5],
    ["MB/s of an upload over nginx's", 'at least 0.5', show(share('up'), 2), share('up') >= 0.5],
    ['resident MB with bodies of 100 MB', 'at most 150', show(own.peak / MB, 0), own.peak <= 150 * MB],
    [
      'ms a visitor waits after aborts, at worst',
      'under 50',
      show(visits.afterAborts.worst),
      visits.afterAborts.worst < 50,
    ],
    [
      'ms a visitor waits during an upload, at worst',
      'under 50',
      show(visits.duringUpload.worst),
      visits.duringUpload.worst < 50,
    ],
    ['memory at the last request over that at half of them', 'at most 1.05', show(grown, 2), grown <= 1.05],
  ];
  const rows = lines.map(([name, target, measured, isKept]) => [
    name,
    target,
    measured,
    isKept ? 'yes' : '**no**',
  ]);
  return [['Promises', PROMISES, { head: ['promise', 'target', 'measured', 'kept'], rows }]];
}

const PROMISES = `Where connections to the application are kept. A request takes node:http twice what it takes nginx: the relay on it
below judges nothing, and does not come to half of nginx. That on raw sockets comes to nginx, with a reader that believes whatever it is
sent; one that believes nothing would be a second parser beside llhttp.`;

function requestSection(rows: readonly RequestFigures[]): Section {
  const kept = rows.find(({ label }) => label === KEPT);
  const own = rows.find(({ label }) => label === NEW);
  return [
    'A page of 2 KB',
    `32 connections of clients, the header lines of Chromium. *Requests a core* is a second over the proxy's own CPU time for one
request, the median of all turns; *ratio* is that of the gateway over the row's, the median of neighbours in time, where both meet the
application alike. *Alone* is the median of an answer on one connection. The gateway has its whole default policy; the others have none,
but for the last one. The relays pass on what they get and judge nothing: what a request costs Node.js, with its server of HTTP and without.`,
    {
      head: ['proxy', 'requests a core', 'gateway over it', 'alone, us', 'gateway slower by, us', 'p99 ms'],
      rows: rows.map((row) => {
        const ours = row.proxy.upstream === 'kept' ? kept : own;
        return [
          row.label,
          show(median(perCore(row)), 0),
          ours === undefined ? '-' : show(ratioOf(ours, row), 2),
          show(median(row.alone) * 1000, 0),
          ours === undefined ? '-' : show(addedLatency(ours, row), 0),
          show(median(row.turns.map(({ p99 }) => p99))),
        ];
      }),
    },
  ];
}

function bodySection(rows: readonly BodyFigures[]): Section {
  const nginx = rows.find(({ label }) => label.startsWith('nginx'));
  const over = (own: readonly number[], other: readonly number[] | undefined): string =>
    other === undefined
      ? '-'
      : show(median(own.map((value, turn) => value / (other[turn] ?? Number.NaN))), 2);
  return [
    'Bodies of 100 MB',
    `One client at a time, as fast as it goes; two more that take 100 MB slowly and two that send them slowly, all the while. *Peak* is the
most resident memory of a process at any time. The gateway takes a request body whole before the application is asked.`,
    {
      head: ['proxy', 'down MB/s', 'over nginx', 'up MB/s', 'over nginx', 'peak MB'],
      rows: rows.map(({ label, down, up, peak }) => [
        label,
        show(median(down), 0),
        over(down, nginx?.down),
        show(median(up), 0),
        over(up, nginx?.up),
        show(peak / MB, 0),
      ]),
    },
  ];
}

function visitorSection(rows: readonly VisitFigures[]): Section {
  const waits = ({ median: usual, worst }: Waits): string => `${show(usual)} (${show(worst)})`;
  return [
    'One worker behind it',
    `One gunicorn sync worker. Milliseconds that a visitor waits: the median of twenty visits, and the worst. *Aborts*: four clients have
asked and left just before each visit. *Upload*: another client sends its body a byte at a time.`,
    {
      head: ['proxy', 'quiet', 'after aborts', 'during an upload'],
      rows: rows.map((row) => [row.label, waits(row.quiet), waits(row.afterAborts), waits(row.duringUpload)]),
    },
  ];
}

function memorySection({ requests }: MemoryFigures): Section {
  return [
    'Memory over many requests',
    'Resident memory of the gateway, 32 connections of clients.',
    {
      head: ['requests', 'MB'],
      rows: requests.map(({ count, resident }) => [count.toLocaleString('en'), show(resident / MB, 0)]),
    },
  ];
}

function connectionSection({ webSockets, halfOpen }: MemoryFigures): Section {
  return [
    'Memory of connections',
    `What each takes of the gateway's memory. Half-open: a request that is begun and never ended. A visitor among the half-open ones
waited ${show(halfOpen.visit)} ms.`,
    {
      head: ['connections', 'count', 'bytes each'],
      rows: [
        ['idle WebSockets, both ends', webSockets.count.toLocaleString('en'), show(webSockets.bytesEach, 0)],
        ['half-open', halfOpen.count.toLocaleString('en'), show(halfOpen.bytesEach, 0)],
      ],
    },
  ];
}
