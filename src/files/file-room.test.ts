import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FileScan, ScanVerdict } from '../controls/uploads/scan/scan.ts';
import { BulwarkError } from '../core/errors.ts';
import { KeyRing } from '../core/key-ring.ts';
import { defaultsOf } from '../core/options.ts';
import { memory } from '../stores/memory/state.ts';
import type { FileRecord } from '../stores/ports/files.ts';
import type { State } from '../stores/ports/state.ts';
import { readAll } from '../testing/conformance/file-bytes.ts';
import type { FileBytes } from './bytes/file-bytes.ts';
import { folderBytes } from './bytes/folder.ts';
import { FileRoom, rowsOf } from './file-room.ts';
import { filesOptions, type FilesSettings } from './files.options.ts';
import { takeForm, type TakenParts } from './take-form.ts';

const secret = (letter: string): Uint8Array => Buffer.alloc(32, letter);
const part = (name: string, text: string): string =>
  `--b\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n${text}\r\n`;

interface Ground {
  readonly state?: State;
  readonly folder?: string;
  readonly secrets?: readonly Uint8Array[];
  readonly settings?: Partial<FilesSettings>;
}

interface Tried {
  readonly room: FileRoom;
  readonly folder: string;
  readonly events: string[];
  now: number;
  readonly take: (body: string | AsyncIterable<Uint8Array>, signal?: AbortSignal) => Promise<TakenParts>;
}

function open({
  state = memory(),
  folder = mkdtempSync(join(tmpdir(), 'bulwark-room-')),
  secrets = [secret('a')],
  settings = {},
}: Ground = {}): Tried {
  const events: string[] = [];
  const tried: Tried = {
    now: Date.parse('2026-01-01T00:00:00Z'),
    folder,
    events,
    room: new FileRoom({
      rows: rowsOf(state.files),
      counters: state.counters,
      keys: new KeyRing(secrets),
      settings: { ...defaultsOf(filesOptions), bytes: folder, ...settings },
      audit: (kind) => void events.push(kind.name),
      clock: () => tried.now,
    }),
    take: (body: string | AsyncIterable<Uint8Array>, signal = new AbortController().signal) => {
      const { room } = tried;
      const pieces =
        typeof body === 'string'
          ? (async function* () {
              yield Buffer.from(body);
            })()
          : body;
      const rules = {
        boundary: 'b',
        limits: { parts: 100, field: 1000 },
        rule: { types: ['text/plain'], size: 1_000_000, files: 10, total: 10_000_000 },
        owner: 'ann',
        quota: room.quota,
        expiresAt: undefined,
        quarantine: room.quarantine,
        mayCome: () => room.mayCome('ann'),
        signal,
      };
      return takeForm(pieces, room.vault, rules, (kind) => void events.push(kind.name));
    },
  };
  return tried;
}

function bytesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
}

async function textOf(room: FileRoom, file: FileRecord | undefined): Promise<string> {
  assert.ok(file !== undefined);
  return (await readAll(room.vault.read(file, 0, file.size))).toString();
}

test('what has no room is left out and said so, and room is kept by what is there', async () => {
  const { room, take, folder } = open({ settings: { quota: 20, count: 3 } });
  const first = await take(
    `${part('a.txt', 'x'.repeat(15))}${part('b.txt', 'y'.repeat(10))}${part('c.txt', 'z')}--b--`,
  );
  assert.deepEqual(
    first.files.map(({ name }) => name),
    ['a.txt', 'c.txt'],
  );
  assert.deepEqual(
    first.refused.map(({ name, reason }) => [name, reason]),
    [['b.txt', 'quota']],
  );
  assert.deepEqual(await room.vault.rows.usage('ann'), { files: 2, bytes: 16 });
  const many = await take(`${part('d.txt', '1')}${part('e.txt', '2')}--b--`);
  assert.deepEqual(many.files.length, 1);
  assert.equal(bytesIn(folder).length, 3);
  await room.close();
});

test('of forms that come at once no more files stay than there is room for, and no bytes of the others', async () => {
  const { room, take, folder } = open({ settings: { quota: 100 } });
  const taken = await Promise.all(
    Array.from({ length: 10 }, () => take(`${part('a.txt', 'x'.repeat(30))}--b--`)),
  );
  assert.equal(taken.flatMap(({ files }) => files).length, 3);
  assert.equal(taken.flatMap(({ refused }) => refused).length, 7);
  assert.equal(bytesIn(folder).length, 3);
  assert.deepEqual(await room.vault.rows.usage('ann'), { files: 3, bytes: 90 });
  await room.close();
});

test('an account that sends too many is told so, file by file', async () => {
  const { room, take } = open({ settings: { rate: { count: 2, windowMs: 3_600_000 } } });
  const { files, refused } = await take(`${part('a.txt', 'x').repeat(3)}--b--`);
  assert.equal(files.length, 2);
  assert.deepEqual(
    refused.map(({ reason }) => reason),
    ['rate'],
  );
  await room.close();
});

test('a client that goes, a session that ends, a form that breaks: nothing is left', async () => {
  const { room, take, folder } = open();
  const gone = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(part('a.txt', 'whole') + part('b.txt', 'x'.repeat(300_000)).slice(0, 200_000));
    throw new Error('the client went');
  };
  await assert.rejects(take(gone()), /the client went/);
  const ended = new AbortController();
  const slow = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(part('a.txt', 'whole'));
    ended.abort(new Error('signed out'));
    yield Buffer.from('--b--');
  };
  await assert.rejects(take(slow(), ended.signal), /signed out/);
  await assert.rejects(take(`${part('a.txt', 'whole')}--b`), /cut/);
  assert.deepEqual(bytesIn(folder), []);
  assert.deepEqual(await room.vault.rows.after(undefined, 9), []);
  assert.deepEqual(await room.vault.rows.usage('ann'), { files: 0, bytes: 0 });
  await room.close();
});

test('a disk that is full: the form fails, nothing of it is left, and what was there before is whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-room-'));
  const place = folderBytes(folder);
  let room = 400_000;
  const small: FileBytes = {
    ...place,
    create: async (id) => {
      const writer = await place.create(id);
      const write = async (piece: Uint8Array): Promise<void> => {
        room -= piece.byteLength;
        if (room < 0) throw new BulwarkError('ERR_BULWARK_STORE', 'The folder of files is full.');
        await writer.write(piece);
      };
      return { write, finish: () => writer.finish(), abort: () => writer.abort() };
    },
  };
  const ground = open({ folder, settings: { bytes: small } });
  const { files } = await ground.take(`${part('a.txt', 'kept')}--b--`);
  const large = part('c.txt', 'x'.repeat(500_000));
  await assert.rejects(ground.take(`${part('b.txt', 'whole')}${large}--b--`), /is full/);
  assert.equal(bytesIn(folder).length, 1);
  assert.equal(await textOf(ground.room, files[0]), 'kept');
  assert.deepEqual(await ground.room.vault.rows.usage('ann'), { files: 1, bytes: 4 });
  await ground.room.close();
});

test('what a dead process left is swept when nobody holds it any more, and not before', async () => {
  const ground = open();
  const { room, folder } = ground;
  const dead = await room.vault.begin({ owner: 'ann', name: 'a', type: 'text/plain', expiresAt: undefined });
  await dead.write(Buffer.alloc(300_000));
  // From here on nobody says that it goes on.
  dead.let();
  ground.now += 59_000;
  await room.sweep();
  assert.equal(bytesIn(folder).length, 1);
  ground.now += 2_000;
  await room.sweep();
  assert.deepEqual(bytesIn(folder), []);
  assert.deepEqual(await room.vault.rows.after(undefined, 9), []);
  // It was not dead but slow: its file is not there, and says so.
  await assert.rejects(dead.finish(), /The folder of files failed/);
  assert.equal(await room.vault.complete(dead, 'ready', room.quota), 'gone');
  await dead.abort();
  await room.close();
});

test('a file ends by itself: for everybody at once, and its bytes with the next sweep', async () => {
  const ground = open();
  const { room, folder } = ground;
  const arrival = await room.vault.begin({
    owner: 'ann',
    name: 'a',
    type: 'text/plain',
    expiresAt: ground.now + 1000,
  });
  await arrival.write(Buffer.from('x'));
  await arrival.finish();
  await room.vault.complete(arrival, 'ready', room.quota);
  arrival.let();
  const { id } = arrival.record;
  assert.ok(await room.find(id, 'ann'));
  ground.now += 1000;
  assert.equal(await room.find(id, 'ann'), undefined);
  await room.sweep();
  assert.deepEqual(bytesIn(folder), []);
  assert.deepEqual(await room.vault.rows.usage('ann'), { files: 0, bytes: 0 });
  await room.close();
});

test('keys are sealed anew after a rotation without a byte of the files, and the old secret can go', async () => {
  const state = memory();
  const before = open({ state });
  const { folder } = before;
  const { files } = await before.take(`${part('a.txt', 'confidential')}--b--`);
  const lies = bytesIn(folder).map((name) => statSync(join(folder, name)).mtimeMs);
  const both = open({ state, folder, secrets: [secret('b'), secret('a')] });
  assert.equal(await textOf(both.room, files[0]), 'confidential');
  assert.deepEqual(await both.room.vault.rekey(), { sealed: 1, lost: 0 });
  assert.deepEqual(await both.room.vault.rekey(), { sealed: 0, lost: 0 });
  assert.deepEqual(
    bytesIn(folder).map((name) => statSync(join(folder, name)).mtimeMs),
    lies,
  );
  const after = open({ state, folder, secrets: [secret('b')] });
  assert.equal(await textOf(after.room, await after.room.find(files[0]?.id ?? '', 'ann')), 'confidential');
  const without = open({ state, folder, secrets: [secret('a')] });
  const lost = await without.room.find(files[0]?.id ?? '', 'ann');
  assert.deepEqual(await without.room.vault.rekey(), { sealed: 0, lost: 1 });
  await assert.rejects(async () => textOf(without.room, lost), { code: 'ERR_BULWARK_FILE_DAMAGED' });
  for (const { room } of [before, both, after, without]) await room.close();
});

const scanOf =
  (answers: Readonly<Record<string, string>>): FileScan =>
  async (file) => {
    const text = (await readAll(file.read(0, file.size))).toString();
    const verdict = answers[text] ?? 'clean';
    if (verdict === 'throws') throw new Error('no scanner');
    return { verdict, reason: 'virus', detail: 'It has a virus.', found: 'Eicar' } as ScanVerdict;
  };

test('what is looked at is ready, refused with its bytes gone, or waits and is looked at again', async () => {
  const answers: Record<string, string> = { bad: 'refused', late: 'wait', broken: 'throws', odd: 'fine' };
  const { room, take, folder, events } = open({ settings: { scan: scanOf(answers) } });
  const names = ['good', 'bad', 'late', 'broken', 'odd'];
  const { files } = await take(`${names.map((name) => part(`${name}.txt`, name)).join('')}--b--`);
  const states: Record<string, string | undefined> = {};
  for (const file of files) states[file.name] = (await room.quarantine?.look(file))?.state;
  assert.deepEqual(states, {
    'good.txt': 'ready',
    'bad.txt': 'refused',
    'late.txt': 'quarantine',
    'broken.txt': 'quarantine',
    'odd.txt': 'quarantine',
  });
  assert.equal(
    (await room.vault.rows.list('ann', undefined, 9)).find(({ name }) => name === 'bad.txt')?.note,
    'It has a virus.',
  );
  assert.equal(bytesIn(folder).length, 4);
  assert.deepEqual(await room.vault.rows.usage('ann'), { files: 4, bytes: 17 });
  assert.equal(events.filter((name) => name === 'malicious_file').length, 1);
  assert.ok(events.includes('sys_service_unavailable'));
  const waiting = files.find(({ name }) => name === 'late.txt');
  assert.equal(await room.share('ann', waiting?.id ?? '', { with: 'bob' }), 'unknown');
  for (const name of names) delete answers[name];
  assert.equal(await room.quarantine?.again(), 3);
  assert.equal((await room.find(waiting?.id ?? '', 'ann'))?.state, 'ready');
  await room.close();
});

test('a scanner that hangs holds a file back no longer than told', async () => {
  const hangs: FileScan = () => new Promise(() => undefined);
  const { room, take } = open({ settings: { scan: hangs, scanTime: 50 } });
  const { files } = await take(`${part('a.txt', 'x')}--b--`);
  assert.ok(files[0] !== undefined);
  assert.equal((await room.quarantine?.look(files[0]))?.state, 'quarantine');
  await room.close();
});

test('of files that nobody can say anything of, none stands in the way of the others', async () => {
  const later = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`x${at}`, 'wait']));
  const { room, take } = open({ settings: { scan: scanOf(later), rate: { count: 100, windowMs: 1000 } } });
  await take(
    `${Object.keys(later)
      .map((text) => part('a.txt', text))
      .join('')}${part('b.txt', 'good')}--b--`,
  );
  let settled = 0;
  for (let round = 0; round < 3; round += 1) settled += (await room.quarantine?.again()) ?? 0;
  assert.equal(settled, 1);
  await room.close();
});

test('links end, and none is read that was changed or written by another key', async () => {
  const { room, now } = open();
  const token = room.links.ofShare('share', now + 1000);
  assert.deepEqual(room.links.read(token, now), { kind: 'share', share: 'share' });
  assert.equal(room.links.read(token, now + 1000), undefined);
  const visit = room.links.ofVisit('file', 'an\u00fc account', now + 1000);
  assert.deepEqual(room.links.read(visit, now), {
    kind: 'ticket',
    file: 'file',
    account: 'an\u00fc account',
  });
  const other = open({ secrets: [secret('z')] });
  for (const forged of [
    '',
    '.',
    token.replace('share', 'other'),
    token.replace(/^s/, 't'),
    token.slice(0, -1),
    `${token}A`,
    visit.replace('file', 'none'),
    other.room.links.ofShare('share', now + 1000),
    `${'x'.repeat(2000)}.${token}`,
  ])
    assert.equal(room.links.read(forged, now), undefined, forged);
  await room.close();
  await other.room.close();
});

test('shares end when they are told to, links within the longest, and no more than so many', async () => {
  const ground = open({ settings: { shares: 2, links: 60_000 } });
  const { room, take } = ground;
  const id = (await take(`${part('a.txt', 'x')}--b--`)).files[0]?.id ?? '';
  assert.equal(await room.share('bob', id, { with: 'eve' }), 'unknown');
  assert.equal(await room.share('ann', id, { link: 'once', endsAt: ground.now + 60_001 }), 'too-long');
  assert.equal(await room.share('ann', id, { with: 'bob', endsAt: ground.now }), 'too-long');
  assert.equal(typeof (await room.share('ann', id, { with: 'bob', endsAt: ground.now + 500 })), 'object');
  assert.equal(typeof (await room.share('ann', id, { link: 'until-end' })), 'object');
  assert.equal(await room.share('ann', id, { with: 'eve' }), 'full');
  assert.ok(await room.find(id, 'bob'));
  ground.now += 500;
  assert.equal(await room.find(id, 'bob'), undefined);
  assert.equal((await room.shares('ann', id)).length, 1);
  assert.equal(await room.removeAll('ann'), 1);
  assert.equal(await room.find(id, 'ann'), undefined);
  await room.close();
});
