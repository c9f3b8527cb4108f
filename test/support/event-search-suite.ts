/** What every index of a log has to do, wherever it keeps its events. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Chain } from '../../src/audit/chain/chain.ts';
import { signerOfRing } from '../../src/audit/chain/signing-key.ts';
import type { EventSearch } from '../../src/audit/index/event-search.ts';
import type { EventQuery } from '../../src/audit/reading/event-filter.ts';
import { KeyRing } from '../../src/core/key-ring.ts';

/** When the first event of the suite was. A Thursday. */
export const START: number = Date.parse('2026-01-01T00:00:00Z');
const HOSTILE = `${'\u{1f600}'.repeat(400)}\0' OR 1=1 --`;

/** A chain of a process that was not there before. */
export function newChain(): Chain {
  return new Chain(signerOfRing(new KeyRing([Buffer.alloc(32, 7)])), 'app', () => START);
}

/** Records of a chain, ten in each millisecond: a page must not lose those that share one. */
export function records(chain: Chain, from: number, to: number): string {
  let text = '';
  for (let n = from; n < to; n += 1)
    text += `${chain.link(
      JSON.stringify({
        time: new Date(START + Math.floor(n / 10)).toISOString(),
        level: n % 100 === 0 ? 'critical' : 'warn',
        event: n % 2 === 0 ? 'authz_fail' : 'authn_login_fail',
        outcome: 'failure',
        service: 'app',
        client: `192.0.2.${n % 7}`,
        account: n % 3 === 0 ? 'ann' : 'bob',
        requestId: `r${n}`,
        details: { n },
      }),
    )}\n`;
  return text;
}

/** The numbers of all events of a query, page by page. */
export async function numbersOf(index: EventSearch, query: EventQuery, size: number): Promise<number[]> {
  const found: number[] = [];
  let next: string | undefined;
  do {
    const page = await index.page(query, size, next);
    for (const { event } of page.events)
      if (typeof event.details?.['n'] === 'number') found.push(event.details['n']);
    next = page.next;
  } while (next !== undefined);
  return found;
}

/** @param open - an index; of one name what was kept before is there again */
export function eventSearchSuite(open: (name: string) => Promise<EventSearch>): void {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-index-suite-'));
  const log = join(folder, 'audit.jsonl');
  const chain = newChain();
  let opening: Promise<EventSearch> | undefined;
  // By the first test that asks: whoever opens one may have to start a server first.
  const filled = async (): Promise<EventSearch> => {
    const index = await open('suite');
    writeFileSync(log, `${chain.open({ reason: 'start' })}\n${records(chain, 0, 5000)}`);
    assert.deepEqual(await index.add([log]), { added: 5001, known: 0, others: 0 });
    return index;
  };
  const theIndex = (): Promise<EventSearch> => (opening ??= filled());
  const all = async (query: EventQuery, size: number): Promise<number[]> =>
    await numbersOf(await theIndex(), query, size);

  after(async () => {
    await (await opening)?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('pages have every event once, newest first, also where many share a moment', async () => {
    const found = await all({}, 170);
    assert.equal(found.length, 5000);
    assert.equal(new Set(found).size, 5000);
    assert.deepEqual(found.slice(0, 3), [4999, 4998, 4997]);
  });

  test('finds by what is asked for', async () => {
    assert.equal((await all({ account: 'ann' }, 1000)).length, 1667);
    assert.equal((await all({ account: 'ann', persons: ['bob'] }, 1000)).length, 5000);
    assert.equal((await all({ event: 'authn_*', client: '192.0.2.3' }, 100)).length, 357);
    assert.equal((await all({ level: 'critical' }, 100)).length, 50);
    assert.deepEqual(await all({ request: 'r4321' }, 100), [4321]);
    const [since, until] = ['2026-01-01T00:00:00.100Z', '2026-01-01T00:00:00.200Z'];
    assert.equal((await all({ since, until }, 1000)).length, 1000);
    assert.deepEqual(await all({ text: '"N":4321}' }, 10), [4321]);
    assert.deepEqual((await (await theIndex()).page({ account: "ann' OR 1=1 --" }, 10)).events, []);
    assert.deepEqual((await (await theIndex()).page({}, 1, 'no place')).events.length, 1);
  });

  test('what strangers chose stops no reader, and is found', async () => {
    const file = join(folder, 'hostile.jsonl');
    const own = newChain();
    const times = [new Date(START).toISOString(), 'never', '+275760-09-13T00:00:00.000Z'];
    const lines = times.map((time, n) =>
      own.link(
        JSON.stringify({
          time,
          level: 'warn',
          event: 'e',
          account: HOSTILE,
          client: HOSTILE,
          details: { n },
        }),
      ),
    );
    writeFileSync(file, `${lines.join('\n')}\nno record\n`);
    const other = await open('hostile');
    assert.deepEqual(await other.add([file]), { added: 3, known: 0, others: 1 });
    assert.equal((await numbersOf(other, { account: HOSTILE, client: HOSTILE }, 2)).length, 3);
    await other.close();
  });

  test('reads on, and takes nothing twice: not after a rotation, and not packed', async () => {
    renameSync(log, `${log}.1`);
    writeFileSync(`${log}.1.gz`, gzipSync(readFileSync(`${log}.1`)));
    writeFileSync(log, records(chain, 5000, 5100));
    const run = await (await theIndex()).add([log, `${log}.1.gz`, `${log}.1`]);
    assert.deepEqual([run.added, run.known], [100, 10_002]);
    assert.equal((await all({}, 1000)).length, 5100);
  });

  test('an archive is found that is added after the file of today, once, also by the next process', async () => {
    const other = newChain();
    const [old, middle, today] = ['old', 'middle', 'today'].map((name) => join(folder, `${name}.jsonl`));
    if (old === undefined || middle === undefined || today === undefined) assert.fail();
    writeFileSync(old, records(other, 0, 10));
    writeFileSync(middle, records(other, 10, 20));
    writeFileSync(today, records(other, 20, 30));
    const added: number[] = [];
    for (const files of [[today], [old], [old, today], [middle], [today, old, middle]]) {
      const late = await open('late');
      added.push((await late.add(files)).added);
      await late.close();
    }
    assert.deepEqual(added, [10, 10, 0, 10, 0]);
  });

  test('two that read one file at once have each of its events once', async () => {
    const file = join(folder, 'shared.jsonl');
    writeFileSync(file, records(newChain(), 0, 300));
    const all = await Promise.all([open('shared'), open('shared'), open('shared')]);
    const [one, other, late] = all;
    // Where a file has one writer at a time the second is told to come again.
    const runs = await Promise.allSettled([one, other].map(async (index) => await index.add([file])));
    for (const run of runs) if (run.status === 'rejected') assert.match(String(run.reason), /locked|busy/i);
    // Open before that, and knows nothing of it yet.
    await late.add([file]);
    const found = await numbersOf(one, {}, 100);
    assert.deepEqual([found.length, new Set(found).size], [300, 300]);
    for (const each of all) await each.close();
  });
}
