import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BulwarkError } from '../../../core/errors.ts';
import { Passwords } from '../passwords.ts';
import { buildFilter } from './build-filter.ts';
import { filterFile } from './filter-file.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-filter-'));
after(() => rmSync(FOLDER, { recursive: true }));

const LIST = join(FOLDER, 'list.txt');
const FILTER = join(FOLDER, 'breached.filter');
const KEYS = 20_000;

function sha1(text: string): Buffer {
  return hash('sha1', text, 'buffer');
}

function listOf(texts: readonly string[], count: (index: number) => number): string {
  return texts
    .map((text, index) => `${sha1(text).toString('hex').toUpperCase()}:${count(index)}\r\n`)
    .join('');
}

const TEXTS = Array.from({ length: KEYS }, (_, index) => `breached password ${index}`);
writeFileSync(
  LIST,
  listOf(TEXTS, (index) => index),
);

/** What is said of a file that is refused. */
function refusal(path: string): string {
  try {
    filterFile(path);
  } catch (error) {
    assert.ok(error instanceof BulwarkError && error.code === 'ERR_BULWARK_FILTER_FILE', String(error));
    return error.message;
  }
  return 'taken';
}

test('builds a filter that has the whole list and little else', async () => {
  const parts: number[] = [];
  const built = await buildFilter({
    list: LIST,
    out: FILTER,
    atLeast: 0,
    onProgress: (part) => parts.push(part),
  });
  const filter = filterFile(FILTER);
  assert.deepEqual([built.keys, built.lines, filter.keys, filter.atLeast], [KEYS, KEYS, KEYS, 0]);
  assert.equal(built.bytes, readFileSync(FILTER).byteLength);
  assert.equal(built.errorRate, filter.errorRate);
  assert.ok(filter.errorRate <= 1 / 1000 && filter.bytes <= 2.1 * KEYS);
  assert.equal(parts.at(-1), 1);
  for (const text of TEXTS) assert.equal(filter.lookUp(sha1(text)), 'breached');
  const wrong = TEXTS.filter((text) => filter.lookUp(sha1(`${text}!`)) === 'breached');
  assert.ok(wrong.length < 60, `${wrong.length} of ${KEYS}`);
  assert.ok(Math.abs(filter.madeAt.getTime() - Date.now()) < 3_600_000);
});

test('v5.0.0-6.2.12 a password of the list is refused, with nothing asked of any service', async () => {
  await buildFilter({ list: LIST, out: FILTER });
  const passwords = Passwords.of({ breached: filterFile(FILTER) });
  const subject = { secondFactor: false, ownWords: [] };
  const codes = (await passwords.check('breached password 1234', subject)).map(({ code }) => code);
  assert.deepEqual(codes, ['breached']);
  assert.deepEqual(await passwords.check('kitchen lamp seven rivers', subject), []);
});

test('leaves out the rare ones where it is told to', async () => {
  const built = await buildFilter({ list: LIST, out: FILTER, atLeast: KEYS - 10, errorRate: 1 / 100_000 });
  assert.equal(built.keys, 10);
  const filter = filterFile(FILTER);
  assert.equal(filter.lookUp(sha1(`breached password ${KEYS - 1}`)), 'breached');
  assert.equal(filter.lookUp(sha1('breached password 1')), 'not-found');
});

test('a filter that is cut, changed in any byte or no filter is refused at the start', async () => {
  await buildFilter({ list: LIST, out: FILTER, atLeast: KEYS - 100 });
  const whole = readFileSync(FILTER);
  const path = join(FOLDER, 'damaged.filter');
  for (let at = 0; at < whole.byteLength; at += at < 64 ? 1 : 13) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    writeFileSync(path, damaged);
    assert.match(refusal(path), /: make it again with bulwark passwords filter build$/, `byte ${at}`);
  }
  for (const length of [0, 7, 63, 64, 200, whole.byteLength - 32, whole.byteLength - 1]) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    assert.notEqual(refusal(path), 'taken', `${length} bytes`);
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.from('x')]));
  assert.match(refusal(path), /longer than its head says/);
  // A head that asks for 256 GiB: refused before memory is asked for.
  const greedy = Buffer.from(whole);
  greedy.writeUInt32LE(0xffff_ffff, 16);
  writeFileSync(path, greedy);
  assert.match(refusal(path), /cut, or longer/);
  assert.match(refusal(LIST), /is no filter of Bulwark/);
  assert.match(refusal(FOLDER), /is not a file/);
  assert.match(refusal(join(FOLDER, 'nowhere')), /could not be read \(ENOENT\)/);
  assert.equal(refusal(FILTER), 'taken');
});

test('a build that fails leaves the old filter in place and nothing beside it', async () => {
  await buildFilter({ list: LIST, out: FILTER });
  const before = readFileSync(FILTER);
  const bad = join(FOLDER, 'bad.txt');
  for (const [text, code] of [
    ['hunter2\n', 'ERR_BULWARK_HASH_LIST'],
    ['', 'ERR_BULWARK_HASH_LIST'],
    [`${'ab'.repeat(20)}:3\n`, 'ERR_BULWARK_HASH_LIST'],
  ] as const) {
    writeFileSync(bad, text);
    await assert.rejects(buildFilter({ list: bad, out: FILTER, atLeast: 5 }), { code });
  }
  await assert.rejects(buildFilter({ list: join(FOLDER, 'nowhere'), out: FILTER }), { code: 'ENOENT' });
  await assert.rejects(buildFilter({ list: LIST, out: join(FOLDER, 'no', 'folder') }), { code: 'ENOENT' });
  const signal = AbortSignal.abort();
  await assert.rejects(buildFilter({ list: LIST, out: FILTER, signal }), { name: 'AbortError' });
  assert.deepEqual(readFileSync(FILTER), before);
  assert.deepEqual(
    readdirSync(FOLDER).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('a list that grows between the two passes is not half taken', async () => {
  const growing = join(FOLDER, 'growing.txt');
  writeFileSync(
    growing,
    listOf(TEXTS.slice(0, 5000), () => 1),
  );
  const onProgress = (part: number): void => {
    if (part <= 0.5)
      writeFileSync(
        growing,
        listOf(TEXTS.slice(0, 5001), () => 1),
      );
  };
  await assert.rejects(buildFilter({ list: growing, out: FILTER, onProgress }), /changed while it was read/);
});
