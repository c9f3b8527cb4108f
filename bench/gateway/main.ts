/** `npm run bench -- gateway`: the gateway beside nginx, Caddy and HAProxy, in one run. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { buildPackage } from '../load/cold-start.ts';
import { LOAD_CORE, missingForLoad } from '../load/cores.ts';
import { ROOT } from '../load/server-process.ts';
import { thisMachine } from '../report/machine.ts';
import { type BodyFigures, measureBodies } from './bodies.ts';
import { type MemoryFigures, measureMemory } from './memory.ts';
import { PROXIES } from './proxies.ts';
import { type GatewayFigures, showGateway, writeGatewayPage } from './page.ts';
import { measureRequests, type RequestFigures } from './requests.ts';
import { measureVisits, type VisitFigures } from './visitors.ts';

const HELP = `Usage: npm run bench -- gateway [PART...] [OPTIONS]

The gateway with the default policy, on one core, beside nginx, Caddy and HAProxy, and nginx with ModSecurity and its core rule set,
all from Debian's packages: apt-get install nginx caddy haproxy libnginx-mod-http-modsecurity modsecurity-crs wrk

Parts (all of them if none is named: about ten minutes)
  requests   a page of 2 KB: CPU time a request at 32 connections, and the time of an answer on one
  bodies     100 MB either way: MB a second, and resident memory with slow clients beside them
  visitors   one gunicorn worker: how long a visitor waits after aborted requests, and during a slow upload
  memory     over 1,000,000 requests, of idle WebSockets, of half-open connections

Options
  --quick    a short run: its figures are rough
  --write    writes docs/performance/gateway.md: takes all parts
  --help`;

const PARTS = ['requests', 'bodies', 'visitors', 'memory'] as const;

/** Runs the command with the arguments behind `gateway`. */
export async function runGateway(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' },
      write: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const unknown = positionals.filter((part) => !(PARTS as readonly string[]).includes(part));
  if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(', ')}: ${PARTS.join(', ')}.`);
  const missing = missingForLoad() ?? missingProxies();
  if (missing !== undefined) throw new Error(missing);
  const machine = thisMachine();
  // What is asked from this process belongs to the load.
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(LOAD_CORE), String(process.pid)]);
  buildPackage(ROOT);
  const parts = positionals.length === 0 ? PARTS : positionals;
  const figures: { -readonly [Name in keyof GatewayFigures]: GatewayFigures[Name] } = {
    machine,
  };
  // Each as soon as it is there: the last part takes longest.
  const show = (part: Omit<GatewayFigures, 'machine'>): void =>
    console.log(showGateway({ machine, ...part }));
  if (parts.includes('requests')) show({ requests: (figures.requests = await requests(values.quick)) });
  if (parts.includes('bodies')) show({ bodies: (figures.bodies = await bodies(values.quick)) });
  if (parts.includes('visitors')) show({ visitors: (figures.visitors = await visitors()) });
  if (parts.includes('memory')) show({ memory: (figures.memory = await memory(values.quick)) });
  if (values.write === true) console.error(`Written: ${writeGatewayPage(figures)}`);
}

function requests(quick = false): Promise<readonly RequestFigures[]> {
  return measureRequests(PROXIES, quick ? 2 : 8);
}

function bodies(quick = false): Promise<readonly BodyFigures[]> {
  const rows = PROXIES.filter(
    ({ name, upstream }) => upstream === 'kept' && !name.includes('ModSecurity') && !isRelay(name),
  );
  return measureBodies(rows, quick ? 1 : 4);
}

function visitors(): Promise<readonly VisitFigures[]> {
  return measureVisits(
    PROXIES.filter(
      ({ name, upstream }) =>
        upstream === (name === 'bulwark' ? 'new' : 'kept') && !name.includes('ModSecurity') && !isRelay(name),
    ),
  );
}

/** Those that only show what Node.js costs: they take the page and nothing else. */
function isRelay(name: string): boolean {
  return name.startsWith('a relay');
}

function memory(quick = false): Promise<MemoryFigures> {
  // Two descriptors each, of the 20,000 that a process may have on most machines.
  return measureMemory(quick ? 100_000 : 1_000_000, quick ? 1_000 : 9_800);
}

function missingProxies(): string | undefined {
  const missing = ['nginx', 'caddy', 'haproxy'].filter(
    (program) => spawnSync(program, ['-v']).error !== undefined,
  );
  if (missing.length === 0) return undefined;
  return `Missing: ${missing.join(', ')}. npm run bench -- gateway --help says which packages they are in.`;
}
