import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { madeArchive } from '../../../../test/support/archives.ts';
import { realFiles } from '../../../../test/support/real-files.ts';
import { fileAt, heldFile } from '../content/whole-file.ts';
import { FILE_KINDS } from '../content/file-kinds.ts';
import { contentScan, type ContentRules, type ScanVerdict } from './scan.ts';

const ZIP = 'application/zip';
const PDF = 'application/pdf';
const typeOf = (name: string): string =>
  Object.entries(FILE_KINDS).find(([, { extensions }]) =>
    extensions.some((end) => name.endsWith(`.${end}`)),
  )?.[0] ?? '';

async function scan(type: string, bytes: Buffer, rules: ContentRules = {}): Promise<string> {
  const found: ScanVerdict = await contentScan(rules)({ ...heldFile(bytes), type });
  if (found.verdict === 'clean') return 'clean';
  assert.match(found.detail, /^[A-Z].*\.$/);
  return found.reason;
}

test('what real tools have written is clean, but for what acts and what nobody can look into', async () => {
  const refused = new Map<string, string>();
  const files = realFiles();
  for (const { name, bytes } of files) {
    const found = await scan(typeOf(name), bytes);
    if (found !== 'clean') refused.set(name, found);
  }
  const active = [
    'encrypted.pdf',
    'script.pdf',
    'hidden-script.pdf',
    'attachment.pdf',
    'hidden-attachment.pdf',
  ];
  assert.deepEqual(refused, new Map(active.map((name) => [name, 'active'])));
  for (const { name, bytes } of files) assert.equal(await scan(typeOf(name), bytes, { pdf: [] }), 'clean');
});

test('each rule refuses one thing, and can be turned', async () => {
  const macros = madeArchive([{ name: 'a.docm', text: madeArchive([{ name: 'word/vbaProject.bin' }]) }]);
  assert.equal(await scan(ZIP, macros), 'macros');
  assert.equal(await scan(ZIP, macros, { macros: 'take' }), 'clean');
  const packed = madeArchive([{ name: 'a.7z', text: Buffer.from('377abcaf271c0004', 'hex') }]);
  assert.equal(await scan(ZIP, packed), 'clean');
  assert.equal(await scan(ZIP, packed, { unseenArchives: 'refuse' }), 'unseen');
  assert.equal(await scan(ZIP, madeArchive([{ name: '../a' }])), 'archive-name');
  assert.equal(await scan(ZIP, macros, { archives: { depth: 1 } }), 'archive-nesting');
  const script = Buffer.from('<</S/JavaScript/OpenAction 1 0 R>>');
  assert.equal(await scan(PDF, script), 'active');
  assert.equal(await scan(PDF, script, { pdf: ['launch'] }), 'clean');
  assert.equal(await scan('text/plain', script), 'clean');
});

test('a scanner is asked last, and of nothing that is refused anyway', async () => {
  const asked: string[] = [];
  const antivirus: ContentRules['antivirus'] = {
    scan: (file) => {
      asked.push(file.type);
      return Promise.resolve({ verdict: 'wait', reason: 'down', detail: 'Later.' });
    },
  };
  assert.equal(await scan('text/plain', Buffer.from('a'), { antivirus }), 'down');
  assert.equal(await scan(ZIP, Buffer.from('a'), { antivirus }), 'archive-broken');
  assert.deepEqual(asked, ['text/plain']);
});

test('a file of this machine is read from any place of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-'));
  try {
    const path = join(folder, 'a');
    const bytes = madeArchive([{ name: 'a', text: 'x'.repeat(700_000), method: 0 }]);
    writeFileSync(path, bytes);
    const file = await fileAt(path);
    assert.deepEqual(await contentScan()({ ...file, type: ZIP }), { verdict: 'clean' });
    const parts: Uint8Array[] = [];
    for await (const part of file.read(10, 20)) parts.push(part);
    for await (const part of file.read(20, 20)) parts.push(part);
    assert.deepEqual(Buffer.concat(parts), bytes.subarray(10, 20));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('who waits no longer stops the look, and no scanner is asked for it', async () => {
  const late = new Error('nobody waits');
  const signal = AbortSignal.abort(late);
  const antivirus: ContentRules['antivirus'] = { scan: () => assert.fail('nobody asked') };
  const bytes = madeArchive([{ name: 'a' }]);
  for (const type of [ZIP, PDF, 'text/plain'])
    await assert.rejects(contentScan({ antivirus })({ ...heldFile(bytes), type, signal }), late, type);
});
