/** Files that are looked at while they come. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { contentScan, type ContentRules } from '../controls/uploads/scan/scan.ts';
import { KeyRing } from '../core/key-ring.ts';
import { defaultsOf } from '../core/options.ts';
import { memory } from '../stores/memory/state.ts';
import { readAll } from '../testing/conformance/file-bytes.ts';
import type { FileBytes } from './bytes/file-bytes.ts';
import { folderBytes } from './bytes/folder.ts';
import { FileRoom, rowsOf } from './file-room.ts';
import { filesOptions } from './files.options.ts';
import { takeForm } from './take-form.ts';

const LIMITS = { parts: 10, field: 1000 };
const RULE = { types: ['application/pdf'], size: 1_000_000, files: 10, total: 10_000_000 };

const part = (name: string, text: string): string =>
  `--b\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n${text}\r\n`;
const pdf = (objects: string): string => `%PDF-1.7\n${objects}${'%\n'.repeat(80_000)}%%EOF`;
const GOOD = pdf('1 0 obj<</Type/Catalog>>endobj\n');
const BAD = pdf('1 0 obj<</S/JavaScript/JS(1)>>endobj\n');
const FORM = `${part('good.pdf', GOOD)}${part('bad.pdf', BAD)}${part('empty.pdf', '')}--b--`;
const EXPECTED = ['good.pdf ready', 'bad.pdf refused'];

/** Takes the form to a place that counts what is read of it. */
async function take(context: TestContext, rules: ContentRules) {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-passing-'));
  const place = folderBytes(folder);
  const read = { bytes: 0 };
  const bytes: FileBytes = {
    ...place,
    async *read(...range) {
      for await (const piece of place.read(...range)) {
        read.bytes += piece.length;
        yield piece;
      }
    },
  };
  const state = memory();
  const room = new FileRoom({
    rows: rowsOf(state.files),
    counters: state.counters,
    keys: new KeyRing([Buffer.alloc(32, 'a')]),
    settings: { ...defaultsOf(filesOptions), bytes, scan: contentScan(rules) },
    audit: () => undefined,
    clock: Date.now,
  });
  context.after(async () => {
    await room.close();
    rmSync(folder, { recursive: true });
  });
  const form = (async function* () {
    for (let at = 0; at < FORM.length; at += 50_000) yield Buffer.from(FORM.slice(at, at + 50_000));
  })();
  const { quarantine, quota } = room;
  const { signal } = new AbortController();
  const taking = {
    ...{ boundary: 'b', limits: LIMITS, rule: RULE, owner: 'ann', quota, expiresAt: undefined, quarantine },
    ...{ mayCome: () => Promise.resolve(true), signal },
  };
  const taken = await takeForm(form, room.vault, taking, () => undefined);
  return { room, taken, read };
}

async function look({ room, taken }: Awaited<ReturnType<typeof take>>): Promise<readonly string[]> {
  const seen = taken.files.map(async (file) => await room.quarantine?.look(file, taken.looks.get(file.id)));
  return (await Promise.all(seen)).map((file) => `${file?.name} ${file?.state}`);
}

test('a PDF is looked through while it comes, and never read again', async (context) => {
  const tried = await take(context, {});
  assert.deepEqual(await look(tried), EXPECTED);
  assert.equal(tried.read.bytes, 0);
});

test('an antivirus is asked of what was seen to be clean, and reads it where it lies', async (context) => {
  const asked: number[] = [];
  const antivirus: ContentRules['antivirus'] = {
    scan: async (file) => {
      asked.push((await readAll(file.read(0, file.size))).length);
      return { verdict: 'clean' };
    },
  };
  assert.deepEqual(await look(await take(context, { antivirus })), EXPECTED);
  assert.deepEqual(asked, [GOOD.length]);
});

test('what was seen by a process that is gone is looked at again where it lies', async (context) => {
  const { room, taken, read } = await take(context, {});
  assert.equal(await room.quarantine?.again(), taken.files.length);
  assert.ok(read.bytes >= GOOD.length + BAD.length);
  const rows = await room.vault.rows.list('ann', undefined, 9);
  assert.deepEqual(new Set(rows.map(({ name, state }) => `${name} ${state}`)), new Set(EXPECTED));
});
