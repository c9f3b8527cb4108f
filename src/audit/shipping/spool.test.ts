import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { hash } from 'node:crypto';
import { until } from '../../../test/support/until.ts';
import { Shipper } from './shipper.ts';
import { Spool } from './spool.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-spool-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));
const HOST = hash('sha256', hostname(), 'hex').slice(0, 8);
let count = 0;

function newFolder(): string {
  return join(FOLDER, `${(count += 1)}`);
}

/** A spool of a process, with one record in it. */
function leave(folder: string, name: string, ageMs = 0): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, '000000000.log'), `${name}.1 {}\n`);
  const then = new Date(Date.now() - ageMs);
  utimesSync(join(folder, name), then, then);
}

async function sentBy(spool: Spool): Promise<string[]> {
  const sent: string[] = [];
  for (let batch = await spool.next(10); batch !== undefined; batch = await spool.next(10)) {
    sent.push(...batch.records.map(({ id }) => id));
    await batch.done();
  }
  return sent.toSorted();
}

test('takes over what a process with the same number left: in a container each has the number 1', async () => {
  const folder = newFolder();
  leave(folder, `${process.pid}-0-${HOST}-lastrun`);
  leave(folder, `${process.pid}-earlier`);
  const spool = new Spool(folder, 1e6, () => undefined);
  assert.deepEqual(await sentBy(spool), [`${process.pid}-0-${HOST}-lastrun.1`, `${process.pid}-earlier.1`]);
  await spool.close();
  assert.deepEqual(readdirSync(folder), []);
});

test('leaves alone what this process uses, and what another host does until it has long been quiet', async () => {
  const folder = newFolder();
  const first = new Spool(folder, 1e6, () => undefined);
  first.add({ id: 'own.1', line: '{}' });
  await first.flush();
  leave(folder, `${process.pid}-0-0badcafe-inuse`, 120_000);
  leave(folder, `4194304999-0-0badcafe-inuse`);
  leave(folder, `${process.pid}-0-0badcafe-gone`, 3_600_000);
  const second = new Spool(folder, 1e6, () => undefined);
  assert.deepEqual(await sentBy(second), [`${process.pid}-0-0badcafe-gone.1`]);
  assert.deepEqual(await sentBy(first), ['own.1']);
  await second.close();
  await first.close();
  assert.equal(readdirSync(folder).length, 2);
});

test('says that it is in use, and finds later what was still in use when it began', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const folder = newFolder();
  let more = 0;
  const spool = new Spool(folder, 1e6, () => (more += 1));
  const [own = ''] = readdirSync(folder);
  leave(folder, '7-0-0badcafe-later', 3_600_000);
  utimesSync(join(folder, own), new Date(0), new Date(0));
  t.mock.timers.tick(60_000);
  assert.equal(more, 1);
  assert.deepEqual(await sentBy(spool), ['7-0-0badcafe-later.1']);
  await spool.close();
});

test('what came just before a process ended, by itself or by an error, waits for the next one', async () => {
  const spool = new URL('spool.ts', import.meta.url).href;
  for (const [end, code] of [
    ['process.exit(1)', 1],
    ["throw new Error('made up')", 1],
  ] as const) {
    const folder = newFolder();
    const program = `
      import { Spool } from ${JSON.stringify(spool)};
      const spool = new Spool(${JSON.stringify(folder)}, 1e6, () => undefined);
      spool.add({ id: 'a.1', line: '{}' });
      await spool.flush();
      spool.add({ id: 'a.2', line: '{}' });
      ${end};`;
    const args = ['--conditions=bulwark-source', '--input-type=module', '--eval', program];
    assert.equal(spawnSync(process.execPath, args, { timeout: 20_000 }).status, code);
    const next = new Spool(folder, 1e6, () => undefined);
    assert.deepEqual(await sentBy(next), ['a.1', 'a.2'], end);
    await next.close();
  }
});

test('a path does not grow with each restart while the receiver is gone', async () => {
  const folder = newFolder();
  for (let run = 0; run < 5; run += 1) {
    const spool = new Spool(folder, 1e6, () => undefined);
    spool.add({ id: `run.${run}`, line: '{}' });
    await spool.close();
    // Ended without having sent it.
    const [own = ''] = readdirSync(folder);
    renameSync(join(folder, own), join(folder, `${4_194_304_000 + run}-gone`));
  }
  const last = new Spool(folder, 1e6, () => undefined);
  const depth = Math.max(
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.split('/').length),
  );
  assert.equal(depth, 3);
  assert.deepEqual(
    await sentBy(last),
    [0, 1, 2, 3, 4].map((run) => `run.${run}`),
  );
  await last.close();
});

test('a folder that is taken away while it runs is made again; a disk that takes nothing is told, and ends nothing', async () => {
  const folder = newFolder();
  const sent: string[] = [];
  const sink = {
    name: 'x',
    send: async (records: readonly { readonly id: string }[]) => {
      sent.push(...records.map(({ id }) => id));
      await Promise.resolve();
    },
  };
  const quiet = { failing: assert.fail, recovered: () => undefined, refused: assert.fail };
  const shipper = new Shipper(sink, folder, 1e6, quiet);
  shipper.add({ id: 'a.1', line: '{}' });
  await until('the first is sent', () => sent.length === 1);
  const own = join(folder, readdirSync(folder)[0] ?? '');
  rmSync(own, { recursive: true });
  shipper.add({ id: 'a.2', line: '{}' });
  await until('the second is sent', () => sent.includes('a.2'));
  // Nothing can be written below a file, not by root either.
  rmSync(folder, { recursive: true });
  writeFileSync(folder, '');
  shipper.add({ id: 'a.3', line: '{}' });
  await until('it is told', () => shipper.health.isFailing);
  assert.match(shipper.health.error ?? '', /^E[A-Z]+$/);
  rmSync(folder);
  await until('the third is sent', () => sent.includes('a.3'));
  assert.equal(shipper.health.isFailing, false);
  await shipper.close();
  assert.ok(!existsSync(own));
});
