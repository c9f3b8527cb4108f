/** `npm run bench -- audit`: what an event costs beside a line of pino, how fast a log is verified, and how far a search is from the size of a log. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AuditLog } from '../../src/audit/audit.ts';
import { auditOptions } from '../../src/audit/audit.options.ts';
import { verifyFiles } from '../../src/audit/chain/verify-files.ts';
import { auditFileOptions } from '../../src/audit/file/file.options.ts';
import { openerOf } from '../../src/audit/file/open-log.ts';
import { EventIndex } from '../../src/audit/index/event-index.ts';
import { PersonKeys } from '../../src/audit/personal/person-keys.ts';
import { KeyRing } from '../../src/core/key-ring.ts';
import { defaultsOf } from '../../src/core/options.ts';
import { measureSearch, showSearch } from './search.ts';
import { sketchExchange } from '../../test/support/exchange.ts';

const HELP = `Usage: npm run bench -- audit [OPTIONS]

  request path  CPU of an event, chained, signed and written, beside a line of pino of as many bytes that is written at once
  verify        records a second of CPU, and how much memory a log of ten times the size takes more
  search        the first page over all records beside one over 10,000

Options
  --search N    nothing but pages of an index of N events beside one of 10,000, by each of its keys
  --records N   records of the log that is verified and searched; 200000 unless it is said
  --json        figures as JSON
  --help

Exit codes: 0 measured, 2 the command line was wrong.`;

/** The pino that Fastify brings along: as much of it as is asked for. */
interface Pino {
  readonly pino: (to: object) => { warn(entry: object): void };
  readonly destination: (options: object) => object;
}
const pino = createRequire(import.meta.resolve('fastify'))('pino') as Pino;

const KIND = { name: 'authz_fail', level: 'warn', meaning: '', details: {} } as const;
const KEYS = new KeyRing([Buffer.alloc(32, 7)]);
const ROUNDS = 6;
const EVENTS = 20_000;
const BURST = 1000;
const SMALL = 10_000;

interface Figures {
  readonly eventMicroseconds: number;
  readonly pinoMicroseconds: number;
  /** Of one that names an account, in clear and sealed under the key of that person. */
  readonly namedMicroseconds: number;
  readonly sealedMicroseconds: number;
  readonly recordsPerCpuSecond: number;
  readonly megabytesMore: number;
  readonly searchMicroseconds: number;
  readonly smallSearchMicroseconds: number;
  readonly records: number;
}

/** Measures, and says what came of it. */
export async function runAudit(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      records: { type: 'string' },
      search: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const records = Number(values.search ?? values.records ?? 200_000);
  if (values.help === true || !Number.isInteger(records) || records < 2 * SMALL) {
    console.log(HELP);
    process.exit(values.help === true ? 0 : 2);
  }
  if (values.search !== undefined) {
    const figures = measureSearch(records);
    console.log(values.json === true ? JSON.stringify(figures, undefined, 2) : showSearch(figures, records));
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-bench-audit-'));
  try {
    const figures = await measure(folder, records);
    console.log(values.json === true ? JSON.stringify(figures, undefined, 2) : show(figures));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, records: number): Promise<Figures> {
  const path = await requestPath(folder);
  const [small, large] = [join(folder, 'small.jsonl'), join(folder, 'large.jsonl')];
  await fill(small, SMALL);
  await fill(large, records);
  await verifyFiles([small], {});
  const before = process.memoryUsage.rss();
  const began = process.cpuUsage();
  const report = await verifyFiles([large], {});
  const recordsPerCpuSecond = report.records / (microseconds(began) / 1_000_000);
  const megabytesMore = (process.memoryUsage.rss() - before) / 1_048_576;
  return {
    ...path,
    recordsPerCpuSecond,
    megabytesMore,
    smallSearchMicroseconds: await search(join(folder, 'small.db'), small),
    searchMicroseconds: await search(join(folder, 'large.db'), large),
    records,
  };
}

async function requestPath(
  folder: string,
): Promise<
  Omit<
    Figures,
    'recordsPerCpuSecond' | 'megabytesMore' | 'searchMicroseconds' | 'smallSearchMicroseconds' | 'records'
  >
> {
  const log = openLog(join(folder, 'audit.jsonl'));
  const target = join(folder, 'pino.log');
  const logger = pino.pino(pino.destination({ dest: target, sync: true }));
  const exchange = sketchExchange({ method: 'POST', target: '/files/17?x=1', peer: '192.0.2.9' });
  const details = { guard: 'access', status: 403, type: 'forbidden', needs: 'role' };
  log.write(KIND, details as never, exchange);
  await log.flushed();
  // The same fields, chain and all, but for the two that pino writes itself.
  const line = readFileSync(join(folder, 'audit.jsonl'), 'utf8').split('\n').at(-2) ?? '';
  const { time: _time, level: _level, ...same } = JSON.parse(line) as Record<string, unknown>;
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(
      await cost(
        () => log.write(KIND, details as never, exchange),
        async () => await log.flushed(),
      ),
    );
    theirs.push(await cost(() => logger.warn(same), turn));
  }
  await log.close();
  const [named, sealed] = [
    openLog(join(folder, 'named.jsonl')),
    openLog(join(folder, 'sealed.jsonl'), new PersonKeys(join(folder, 'persons.db'), KEYS)),
  ];
  const people = { ...details, account: 'ann@example.com' };
  const [clear, closed]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [times, to] of [
      [clear, named],
      [closed, sealed],
    ] as const)
      times.push(
        await cost(
          () => to.write(KIND, people as never, exchange),
          async () => await to.flushed(),
        ),
      );
  await named.close();
  await sealed.close();
  const [bytes, theirBytes] = [join(folder, 'audit.jsonl'), target].map((file) => statSync(file).size);
  console.error(
    `${Math.round((bytes ?? 0) / EVENTS / ROUNDS)} bytes a line, pino ${Math.round((theirBytes ?? 0) / EVENTS / ROUNDS)}`,
  );
  return {
    eventMicroseconds: Math.min(...ours),
    pinoMicroseconds: Math.min(...theirs),
    namedMicroseconds: Math.min(...clear),
    sealedMicroseconds: Math.min(...closed),
  };
}

/** CPU of one, all threads, writing included. */
async function cost(one: () => void, settle: () => Promise<void>): Promise<number> {
  const began = process.cpuUsage();
  for (let burst = 0; burst < EVENTS / BURST; burst += 1) {
    for (let n = 0; n < BURST; n += 1) one();
    await turn();
  }
  await settle();
  return microseconds(began) / EVENTS;
}

async function fill(path: string, records: number): Promise<void> {
  const log = openLog(path);
  for (let n = 0; n < records; n += 1) {
    const exchange = sketchExchange({ peer: `192.0.2.${n % 250}` });
    log.write(KIND, { account: `user${n % 5000}`, status: 403, guard: 'access' } as never, exchange);
    if (n % 5000 === 0) await log.flushed();
  }
  await log.close();
}

/** Of the first page of one client, in the middle of a hundred. */
async function search(database: string, path: string): Promise<number> {
  const index = new EventIndex(database);
  await index.add([path]);
  const times = Array.from({ length: 101 }, () => {
    const began = performance.now();
    index.page({ client: '192.0.2.7' }, 50);
    return (performance.now() - began) * 1000;
  }).toSorted((one, other) => one - other);
  index.close();
  return times[50] ?? 0;
}

function openLog(path: string, persons?: PersonKeys): AuditLog {
  const file = { ...defaultsOf(auditFileOptions), path, hangUp: false };
  return new AuditLog({ ...defaultsOf(auditOptions), file }, Date.now, process, {
    openFile: openerOf(file, KEYS),
    persons,
  });
}

function microseconds(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return user + system;
}

function show(figures: Figures): string {
  const { eventMicroseconds: ours, pinoMicroseconds: theirs, searchMicroseconds: many, records } = figures;
  const rows = [
    [
      'an event, chained and written',
      `${ours.toFixed(2)} us of CPU`,
      `${(ours / theirs).toFixed(2)} of pino's ${theirs.toFixed(2)} (at most 1.5)`,
    ],
    [
      'one that names an account, sealed',
      `${figures.sealedMicroseconds.toFixed(2)} us of CPU`,
      `${(figures.sealedMicroseconds / figures.namedMicroseconds).toFixed(2)} of ${figures.namedMicroseconds.toFixed(2)} in clear`,
    ],
    [
      'verify',
      `${Math.round(figures.recordsPerCpuSecond)} records a second of CPU`,
      `${figures.megabytesMore.toFixed(0)} MB more over ${records} records`,
    ],
    [
      'first page of a search',
      `${many.toFixed(0)} us`,
      `${(many / figures.smallSearchMicroseconds).toFixed(1)} times that over ${SMALL} (at most 20)`,
    ],
  ];
  return rows
    .map(([what = '', figure = '', note = '']) => `${what.padEnd(36)} ${figure.padEnd(36)} ${note}`)
    .join('\n');
}
