/** Bodies in JSON, by what reads them: CPU time of this process. */
import makeJsonBigint from 'json-bigint';
import { parse as parseSecurely } from 'secure-json-parse';
import { readStrictJson } from '../../src/controls/validation/strict-json.ts';

/** One reader of one text: microseconds of CPU, each turn. */
export interface JsonFigures {
  readonly name: string;
  readonly size: string;
  readonly cpu: readonly number[];
}

const LIMITS = { depth: 32, entries: 100_000, bigIntegers: 'text' } as const;
const strict = makeJsonBigint({ strict: true, protoAction: 'error', constructorAction: 'error' });

/** What each of them refuses is in their names. */
const READERS: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  'JSON.parse': (bytes) => JSON.parse(bytes.toString()) as unknown,
  Bulwark: (bytes) => readStrictJson(bytes, LIMITS),
  'secure-json-parse (no duplicates)': (bytes) => parseSecurely(bytes.toString()) as unknown,
  'json-bigint, strict': (bytes) => strict.parse(bytes.toString()) as unknown,
};

function body(entries: number): Buffer {
  const orders = Array.from({ length: entries }, (_, at) => ({
    id: `order-${at}`,
    customer: { name: `Customer ${at}`, email: `customer-${at}@example.com` },
    lines: [{ sku: 'A-1', count: at % 9, price: at * 1.25 }],
    paid: at % 2 === 0,
    note: 'Please leave it with the neighbours.',
  }));
  return Buffer.from(JSON.stringify({ orders }));
}

/** Has readers take turns. */
export function measureJson(rounds: number): readonly JsonFigures[] {
  const rows: JsonFigures[] = [];
  for (const [size, bytes, times] of [
    ['10 KB', body(48), 400],
    ['1 MB', body(4800), 4],
  ] as const) {
    const cpu = new Map(Object.keys(READERS).map((name): [string, number[]] => [name, []]));
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, read] of Object.entries(READERS)) {
        const before = process.cpuUsage();
        for (let time = 0; time < times; time += 1) read(bytes);
        const { user, system } = process.cpuUsage(before);
        if (round > 0) cpu.get(name)?.push((user + system) / times);
      }
    }
    for (const [name, turns] of cpu) rows.push({ name, size, cpu: turns });
  }
  return rows;
}
