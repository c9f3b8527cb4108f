import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { madeArchive, type MadeEntry } from '../../../../test/support/archives.ts';
import { realFiles } from '../../../../test/support/real-files.ts';
import { growth, LINEAR_AT_MOST } from '../../../../test/support/growth.ts';
import { heldFile, type WholeFile } from '../content/whole-file.ts';
import { ArchiveFault, type ArchiveReason } from './archive-fault.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from './archive-limits.ts';
import { readDirectory } from './central-directory.ts';
import { type ArchiveFindings, inspectArchive } from './inspect-archive.ts';

async function look(
  bytes: Buffer,
  limits: Partial<ArchiveLimits> = {},
): Promise<ArchiveFindings | ArchiveReason> {
  try {
    return await inspectArchive(heldFile(bytes), { ...ARCHIVE_LIMITS, ...limits });
  } catch (error) {
    assert.ok(error instanceof ArchiveFault, String(error));
    return error.reason;
  }
}

const made = (...entries: readonly MadeEntry[]): Buffer => madeArchive(entries);
const UTF8 = 0x0800;
const MB = 1024 ** 2;

test('every archive that real tools have written is taken, and unpacks to what is in it', async () => {
  const archives = realFiles().filter(({ name }) => /\.(?:zip|docx|xlsx|pptx)$/.test(name));
  assert.ok(archives.length >= 16);
  for (const { name, by, bytes } of archives) {
    const found = await look(bytes);
    assert.ok(typeof found !== 'string', `${name} by ${by}: ${JSON.stringify(found)}`);
    assert.ok(found.entries > 0 && found.bytes > 10_000 && !found.macros, name);
  }
});

test('an archive with more and larger entries than four bytes can say is read, where it says so in one way', async () => {
  const wide = realFiles().find(({ name }) => name === 'wide.zip')?.bytes ?? Buffer.alloc(0);
  const end = wide.subarray(-22);
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  for (const at of [24, 32]) end64.writeBigUInt64LE(BigInt(end.readUInt16LE(10)), at);
  end64.writeBigUInt64LE(BigInt(end.readUInt32LE(12)), 40);
  end64.writeBigUInt64LE(BigInt(end.readUInt32LE(16)), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(wide.length - 22), 8);
  locator.writeUInt32LE(1, 16);
  const body = wide.subarray(0, -22);
  assert.notEqual(typeof (await look(Buffer.concat([body, end64, locator, end]))), 'string');
  const other = Buffer.from(end64);
  other.writeBigUInt64LE(1n, 24);
  other.writeBigUInt64LE(1n, 32);
  assert.equal(await look(Buffer.concat([body, other, locator, end])), 'broken');
});

/** Each is refused for one thing, and taken without it. */
const REFUSED: readonly (readonly [reason: ArchiveReason, what: string, ...entries: readonly MadeEntry[]])[] =
  [
    ['name', 'a step up', { name: '../a' }],
    ['name', 'a step up further in', { name: 'a/../../b' }],
    ['name', 'a step that Windows reads as one up', { name: 'a/.. /b' }],
    ['name', 'an absolute path', { name: '/a' }],
    ['name', 'a drive', { name: 'C:a' }],
    ['name', 'a stream of NTFS', { name: 'a.txt:b' }],
    ['name', 'a backslash', { name: 'a\\b' }],
    ['name', 'a control', { name: 'a\nb', flags: UTF8 }],
    ['name', 'an end in the middle', { name: 'a\u0000b', flags: UTF8 }],
    ['name', 'a name that reads backwards', { name: 'a\u202egpj.exe', flags: UTF8 }],
    ['name', 'a device', { name: 'a/NUL' }],
    ['name', 'a device with an ending', { name: 'com1.txt' }],
    ['name', 'letters in no known encoding', { name: '\u00e9' }],
    ['name', 'bytes that are not the encoding they say', { name: Buffer.from([0xff]), flags: UTF8 }],
    ['name', 'no name', { name: '' }],
    ['name', 'a step of 256 bytes', { name: 'a'.repeat(256) }],
    ['name', 'more steps than anybody has', { name: 'a/'.repeat(64) + 'b' }],
    ['name', 'a folder with bytes in it', { name: 'a/', text: 'x' }],
    ['name', 'a second name beside the first', { name: 'a', extra: extra(0x7075, 'b') }],
    ['twice', 'a name twice', { name: 'a' }, { name: 'a' }],
    ['twice', 'two names that are one without cases', { name: 'a' }, { name: 'A' }],
    [
      'twice',
      'two ways to write an accent',
      { name: '\u00e9', flags: UTF8 },
      { name: 'e\u0301', flags: UTF8 },
    ],
    ['twice', 'two names that are one to Windows', { name: 'a' }, { name: 'a. .' }],
    ['twice', 'a folder twice', { name: 'a/b/', text: '' }, { name: 'a/B./', text: '' }],
    ['twice', 'a file that is a folder too', { name: 'a' }, { name: 'a/b' }],
    ['twice', 'the same the other way round', { name: 'a/b' }, { name: 'A' }],
    ['link', 'a link', { name: 'a', mode: 0o120777 }],
    ['link', 'a device of Unix', { name: 'a', mode: 0o020666 }],
    ['encrypted', 'one that is encrypted', { name: 'a', flags: 1 }],
    ['encrypted', 'a directory that is', { name: 'a', flags: 0x2000 }],
    ['encrypted', 'one that is encrypted by AES', { name: 'a', method: 99 }],
    ['method', 'one that is packed otherwise', { name: 'a', method: 12 }],
    ['directory', 'a name that is another one before the entry', { name: 'a', local: { name: 'b' } }],
    ['directory', 'a method', { name: 'a', local: { method: 0 } }],
    ['directory', 'a size', { name: 'a', local: { size: 2 } }],
    ['directory', 'a sum', { name: 'a', local: { crc: 2 } }],
    [
      'directory',
      'no sizes before the entry, and none behind it',
      { name: 'a', local: { size: 0 }, flags: 8 },
    ],
    ['directory', 'bytes between entries', { name: 'a', behind: Buffer.from('PK') }, { name: 'b' }],
    ['directory', 'bytes before the directory', { name: 'a', behind: Buffer.alloc(40) }],
    [
      'directory',
      'sizes behind the entry that are others',
      { name: 'a', flags: 8, local: { size: 0 }, behind: Buffer.alloc(12) },
    ],
    ['directory', 'two entries over the same bytes', { name: 'a' }, { name: 'b', offset: 0 }],
    ['broken', 'bytes that are not what they sum up to', { name: 'a', crc: 1 }],
    ['broken', 'more bytes than it says', { name: 'a', text: 'xyz', size: 2 }],
    ['broken', 'fewer bytes than it says', { name: 'a', text: 'xyz', size: 4 }],
    ['broken', 'bytes that do not unpack', { name: 'a', packed: Buffer.from('xxxxxxx') }],
    ['broken', 'bytes behind what is packed', { name: 'a', packed: Buffer.from('4b040000', 'hex') }],
    ['bomb', 'a size that nobody would send', { name: 'a', size: 100 * 1024 ** 2 }],
    ['bomb', 'one in small pieces', ...many(40, 1000 * 1024)],
  ];

function extra(id: number, text: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(Buffer.byteLength(text), 2);
  return Buffer.concat([head, Buffer.from(text)]);
}

function many(count: number, size: number): readonly MadeEntry[] {
  return Array.from({ length: count }, (_, index) => ({ name: `${index}`, text: Buffer.alloc(size) }));
}

test('v5.0.0-5.2.3 refuses archives of which unpackers make different things, or too much, and says why', async () => {
  for (const [reason, what, ...entries] of REFUSED) assert.equal(await look(made(...entries)), reason, what);
  const names = [
    'a/b',
    'a/',
    'a/'.repeat(63) + 'c',
    '~$a.docx',
    'Acme Inc./a',
    'a b.txt',
    'console.txt',
    'a..b',
    '.git',
  ];
  const good = [...names.map((name) => ({ name, text: name.endsWith('/') ? '' : 'x' }))];
  const letters = ['\u0645\u200c\u0644', 'e\u0301', '\ud83d\udc69\u200d\ud83d\ude80'];
  const more = letters.map((name) => ({ name, flags: UTF8 }));
  assert.equal(((await look(made(...good, ...more))) as ArchiveFindings).entries, 12);
});

test('bytes before the first entry and behind the end belong to another file', async () => {
  const whole = made({ name: 'a' });
  assert.notEqual(typeof (await look(whole)), 'string');
  assert.equal(await look(Buffer.concat([whole, Buffer.from('x')])), 'broken');
  assert.equal(await look(Buffer.concat([Buffer.from('x'), whole])), 'broken');
  assert.equal(await look(whole.subarray(0, -1)), 'broken');
  assert.equal(await look(Buffer.alloc(0)), 'broken');
});

test('a byte that is changed anywhere makes it another archive, or none', async () => {
  const bytes = realFiles().find(({ name }) => name === 'stored.zip')?.bytes ?? Buffer.alloc(0);
  // Times, versions, and attributes change nothing that unpacks; names are as good as others.
  let noticed = 0;
  for (let at = 100; at < 20_000; at += 97) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x20;
    if (typeof (await look(changed)) === 'string') noticed += 1;
  }
  assert.ok(noticed >= 200, `${noticed} of 206`);
});

test('archives in archives are looked into as far as the limit, and count with the outer one', async () => {
  const inner = made({ name: 'a', text: 'x'.repeat(100) });
  const middle = made({ name: 'inner.zip', text: inner }, { name: 'stored.zip', text: inner, method: 0 });
  const outer = made({ name: 'middle.bin', text: middle });
  const found = (await look(outer)) as ArchiveFindings;
  assert.equal(found.entries, 1 + 2 + 2);
  assert.equal(found.bytes, middle.length + 2 * inner.length + 200);
  assert.equal(await look(outer, { depth: 2 }), 'nesting');
  assert.equal(await look(outer, { entries: 4 }), 'entries');
  assert.equal(await look(outer, { bytes: middle.length + 2 * inner.length + 199 }), 'bomb');
  const bad = made({ name: 'middle.bin', text: made({ name: 'a.zip', text: made({ name: '../a' }) }) });
  assert.equal(await look(bad), 'name');
});

test('v5.0.0-5.2.2 names macros, however deep, and archives that it does not look into', async () => {
  const types = (type: string): MadeEntry => ({
    name: '[Content_Types].xml',
    text: `<Types ContentType="${type}"/>`,
  });
  for (const entries of [
    [{ name: 'word/vbaProject.bin' }],
    [{ name: 'xl/VBAPROJECT.BIN' }],
    [{ name: 'xl/macrosheets/sheet1.xml' }],
    [types('application/vnd.ms-word.document.macroEnabled.main+xml')],
    [types('application/vnd.ms-excel.intlmacrosheet+xml')],
    [{ name: 'a.docm', text: made({ name: 'word/vbaProject.bin' }) }],
  ])
    assert.equal(((await look(made(...entries))) as ArchiveFindings).macros, true);
  const seven = Buffer.from('377abcaf271c0004', 'hex');
  const found = (await look(made({ name: 'a', text: seven }, { name: 'b' }))) as ArchiveFindings;
  assert.deepEqual([found.macros, found.unseen], [false, ['7z']]);
});

test('holds no more than pieces of an archive, whatever is in it', async () => {
  const text = randomBytes(24 * 1024 ** 2);
  const bytes = made({ name: 'a.zip', text: made({ name: 'b', text, method: 0 }), method: 0 });
  let longest = 0;
  let open = 0;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const file: WholeFile = {
    size: bytes.length,
    async *read(from, to) {
      open += 1;
      for (let at = from; at < to; at += 65_536) {
        if ((at - from) % MB === 0) collect();
        longest = Math.max(longest, process.memoryUsage().arrayBuffers);
        yield Buffer.from(bytes.subarray(at, Math.min(to, at + 65_536)));
      }
      open -= 1;
    },
  };
  collect();
  const before = process.memoryUsage().arrayBuffers;
  assert.equal((await inspectArchive(file)).entries, 2);
  assert.ok(open >= 0 && longest - before < 20 * 1024 ** 2, `${longest - before} bytes`);
});

test('reads a directory in time that grows with it and no faster', () => {
  const entries = (count: number): Buffer =>
    made(...Array.from({ length: count }, (_, at) => ({ name: `a/${at}` })));
  const factor = growth(entries, (bytes) => void readDirectory(bytes, bytes.length, 10_000), 500);
  assert.ok(factor < LINEAR_AT_MOST, `${factor}`);
});

test('names cost what they are long, however many folders they lead through', () => {
  const read = (bytes: Buffer): void => void readDirectory(bytes, bytes.length, 10_000);
  const named = (count: number, name: string): Buffer =>
    made(...Array.from({ length: count }, (_, at) => ({ name: `${at}/${name}c` })));
  const deep = growth((folders) => named(200, `${'a'.repeat(60)}/`.repeat(folders)), read, 15);
  assert.ok(deep < LINEAR_AT_MOST, `${deep}`);
  const blank = growth((length) => named(100, `a${' '.repeat(length)}b/`.repeat(16)), read, 60);
  assert.ok(blank < LINEAR_AT_MOST, `${blank}`);
  const shared = (folders: number): Buffer =>
    made(
      ...Array.from({ length: 1000 }, (_, at) => ({
        name: `${'a/'.repeat(folders)}${at}/${'a/'.repeat(62 - folders)}b`,
      })),
    );
  assert.throws(() => read(shared(0)), { reason: 'entries' });
  read(shared(50));
});

test('an archive within is unpacked once, whatever is in it, and what is unpacked more often is counted', async () => {
  const tiny = made({ name: 'a' });
  const inner = made(
    ...Array.from({ length: 100 }, (_, at) => ({ name: `${at}.zip`, text: tiny, method: 0 })),
  );
  const bytes = made({ name: 'a.zip', text: inner });
  let read = 0;
  const counted: WholeFile = {
    size: bytes.length,
    async *read(from, to) {
      read += to - from;
      yield bytes.subarray(from, to);
    },
  };
  assert.equal((await inspectArchive(counted)).entries, 1 + 100 + 100);
  assert.ok(read <= 2 * bytes.length, `${read} of ${bytes.length}`);
  const pad = { name: 'pad', text: Buffer.alloc(17 * MB), method: 0 };
  const large = made({ name: 'large.zip', text: made({ name: 'b.zip', text: made(pad), method: 0 }) });
  // Three times 17 MB go by, and four times 17 MB once more.
  assert.equal(((await look(large, { ratio: 10_000, bytes: 69 * MB })) as ArchiveFindings).entries, 3);
  assert.equal(await look(large, { ratio: 10_000, bytes: 60 * MB }), 'bomb');
});

test('a look that is stopped ends there, and one that cannot read is no judgement', async () => {
  const text = made({ name: 'b', text: randomBytes(4 * MB), method: 0 });
  const bytes = made({ name: 'a.zip', text });
  const late = new Error('nobody waits');
  const ended = new AbortController();
  let read = 0;
  const file: WholeFile = {
    size: bytes.length,
    async *read(from, to) {
      for (let at = from; at < to; at += 65_536) {
        read += 1;
        if (read === 20) ended.abort(late);
        yield bytes.subarray(at, Math.min(to, at + 65_536));
      }
    },
  };
  await assert.rejects(inspectArchive(file, ARCHIVE_LIMITS, ended.signal), late);
  assert.ok(read < 30, `${read}`);
  const failed = new Error('the disk is gone');
  const gone: WholeFile = {
    size: bytes.length,
    async *read(from, to) {
      if (from === 0) throw failed;
      yield bytes.subarray(from, to);
    },
  };
  await assert.rejects(inspectArchive(gone), failed);
  const half: WholeFile = {
    size: bytes.length,
    async *read(from, to) {
      yield bytes.subarray(from, from === 0 ? MB : to);
      if (from === 0) throw failed;
    },
  };
  await assert.rejects(inspectArchive(half), failed);
});

const OFFICE = 'application/vnd.ms-office.vbaProject';

test('macros are seen however the list of types is written, and in the files that keep them', async () => {
  const list = (type: string): string =>
    `<?xml version="1.0"?><Types><Override ContentType="${type}"/></Types>`;
  const plain = list('application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml');
  const found = async (...entries: readonly MadeEntry[]): Promise<boolean> =>
    ((await look(made(...entries, { name: 'b', text: randomBytes(100_000) }))) as ArchiveFindings).macros;
  const name = '[Content_Types].xml';
  assert.equal(await found({ name, text: plain }), false);
  assert.equal(await found({ name, text: `\ufeff${plain}` }), false);
  for (const text of [
    list(OFFICE.replace('P', '&#80;')),
    list('&#x61;'),
    Buffer.from(list(OFFICE), 'utf16le'),
    Buffer.from(`\ufeff${list(OFFICE)}`, 'utf16le'),
    Buffer.from(`\ufeff${list(OFFICE)}`, 'utf16le').swap16(),
    `<!DOCTYPE a [<!ENTITY v "vba">]>${list('&v;Project')}`,
    `<!--${'x'.repeat(MB)}-->${list(OFFICE)}`,
    `<?xml version="1.0"?>${' '.repeat(MB)}<Types ContentType="${OFFICE}"/>`,
    Buffer.from([0x4c, 0x6f, 0xa7, 0x94]),
    '<?xml version="1.0" encoding="utf-7"?><Types ContentType="+AHYAYgBh-Project"/>',
  ])
    assert.equal(await found({ name, text }), true, text.toString('latin1', 0, 60));
  assert.equal(await found({ name: '[CONTENT_types].XML', text: list(OFFICE) }), true);
  const compound = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(70_000)]);
  assert.equal(await found({ name: 'a.doc', text: compound }), false);
  for (const at of [600, 65_530]) {
    const active = Buffer.from(compound);
    active.write('_VBA_PROJECT', at, 'utf16le');
    assert.equal(await found({ name: 'a.doc', text: active }), true);
    active[0] = 0;
    assert.equal(await found({ name: 'a.doc', text: active }), false);
  }
});
