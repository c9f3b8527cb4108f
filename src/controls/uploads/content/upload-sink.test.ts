import assert from 'node:assert/strict';
import { test } from 'node:test';
import { madeArchive, type MadeEntry } from '../../../../test/support/archives.ts';
import { realFiles } from '../../../../test/support/real-files.ts';
import type { UploadRule } from '../../../core/route-rules.ts';
import { FileFault, type FileReason } from './file-fault.ts';
import { FILE_TYPES } from './file-kinds.ts';
import { UploadSink } from './upload-sink.ts';

const MB = 1024 ** 2;
const ALL: UploadRule = { types: FILE_TYPES, size: MB, files: 3, total: 2 * MB };

interface Sent {
  readonly name: string;
  readonly bytes: Buffer;
  readonly type?: string;
}

function take(files: readonly Sent[], rule: UploadRule = ALL, length = 1000): FileReason | undefined {
  const sink = new UploadSink(rule);
  try {
    for (const { name, bytes, type } of files) {
      sink.part({ name: 'f', filename: name, type });
      for (let at = 0; at < bytes.length; at += length) sink.data(bytes.subarray(at, at + length));
      sink.end();
    }
  } catch (error) {
    assert.ok(error instanceof FileFault);
    return error.reason;
  }
  return undefined;
}

const one = (name: string, bytes: Buffer | string, type?: string): FileReason | undefined =>
  take([{ name, bytes: Buffer.from(bytes as string, 'latin1'), ...(type !== undefined && { type }) }]);

const zip = (entries: readonly MadeEntry[]): Buffer => madeArchive(entries);

const typesOf = (main: string): MadeEntry => ({
  name: '[Content_Types].xml',
  text: `<Types><Override PartName="/a.xml" ContentType="application/vnd.${main}.main+xml"/></Types>`,
});
const WORD = 'openxmlformats-officedocument.wordprocessingml.document';
const LARGE: MadeEntry = {
  name: 'word/media/image1.bin',
  text: Array.from({ length: 100_000 }, (_, index) => String.fromCharCode((index * 7919) % 251)).join(''),
};
const DOCX = zip([typesOf(WORD), LARGE, { name: 'word/document.xml' }]);
const XLSX = zip([
  { name: 'xl/workbook.xml' },
  LARGE,
  typesOf('openxmlformats-officedocument.spreadsheetml.sheet'),
]);

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const JPEG = '\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9';
const WEBP = Buffer.from('RIFF\x0c\x00\x00\x00WEBPVP8L\x00\x00\x00\x00'.slice(0, 20), 'latin1');
const PDF = '%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';

test('v5.0.0-5.2.2 takes files whose bytes, name and declared type are one kind', () => {
  for (const [name, bytes, type] of [
    ['a.png', PNG, 'image/png'],
    ['A.PNG', PNG, 'application/octet-stream'],
    ['a.b.png', PNG, undefined],
    ['a.gif', GIF, 'image/gif'],
    ['a.jpg', JPEG, 'image/jpeg'],
    ['a.jpeg', JPEG, 'image/pjpeg'],
    ['a.webp', WEBP, 'image/webp'],
    ['a.avif', '\x00\x00\x00\x1cftypavif\x00\x00\x00\x00', 'image/avif'],
    ['a.mp4', '\x00\x00\x00\x1cftypisom\x00\x00\x00\x00', 'video/mp4'],
    ['a.pdf', PDF, 'application/pdf'],
    ['a.zip', zip([{ name: 'a/b.txt' }]), 'application/x-zip-compressed'],
    ['a.docx', DOCX, undefined],
    ['a.xlsx', XLSX, 'application/octet-stream'],
    ['a.txt', Buffer.from('BMW, SQLite, GIFT, MZ: \u0645\u0644\u0641\r\n'), 'text/plain; charset=utf-8'],
    ['a.csv', 'a;b\n1;2\n', 'application/vnd.ms-excel'],
  ] as const)
    assert.equal(one(name, bytes, type), undefined, name);
});

test('takes every file that real tools have written', () => {
  const files = realFiles();
  assert.ok(files.length >= 41);
  for (const { name, by, bytes } of files)
    assert.equal(take([{ name, bytes }], { ...ALL, size: 10 * MB }), undefined, `${name} by ${by}`);
});

test('v5.0.0-5.2.2 refuses a file whose bytes are of another kind than its name says', () => {
  for (const [name, bytes] of [
    ['a.png', JPEG],
    ['a.jpg', PNG],
    ['a.pdf', PNG],
    ['a.png', '<html><script>1</script>'],
    ['a.gif', 'GIF89a'],
    ['a.docx', XLSX],
    ['a.xlsx', DOCX],
    ['a.docx', zip([{ name: 'a.txt' }])],
    ['a.txt', 'MZ\x00\x01'],
    ['a.txt', '\xff\xfe'],
    ['a.txt', '\xc3'],
    ['a.txt', '%PDF-1.7'],
    ['a.txt', ' <!DOCTYPE html><title>'],
    ['a.csv', '<?xml version="1.0"?><svg/>'],
    ['a.webp', Buffer.concat([WEBP, Buffer.from('x')])],
  ] as const)
    assert.equal(one(name, bytes), 'content', name);
});

test('v5.0.0-5.2.2 refuses what is two kinds of file at once', () => {
  const archive = zip([{ name: 'a.html' }]).toString('latin1');
  const png = PNG.toString('latin1');
  for (const [name, bytes] of [
    ['a.png', png + archive],
    ['a.png', `${png}<script>`],
    ['a.jpg', JPEG + archive],
    ['a.jpg', `\xff\xd8\xff\xfe<script>1</script>`],
    ['a.gif', `GIF89a<html >;`],
    ['a.jpg', `\xff\xd8\xff\xfe${PDF}`],
    ['a.pdf', `${PDF}${archive}`],
    ['a.pdf', `\n${PDF}`],
    ['a.pdf', PDF.replace('1 0 obj', '<script>1</script>')],
    ['a.pdf', `${PDF}more`],
    ['a.zip', `GIF89a${archive}`],
    ['a.zip', `${archive}more`],
    ['a.avif', `\x00\x00\x00\x1cftypavif${archive}`],
  ] as const)
    assert.equal(one(name, bytes), 'content', name);
});

test('v5.0.0-5.2.3 (in part) refuses archives of which unpackers make different things, or too much', () => {
  for (const entries of [
    [{ name: '../a' }],
    [{ name: 'a/../b' }],
    [{ name: '/a' }],
    [{ name: 'C:a' }],
    [{ name: 'a\\b' }],
    [{ name: 'a\nb', flags: 0x0800 }],
    [{ name: 'a' }, { name: 'a' }],
    [{ name: 'a' }, { name: 'A' }],
    [{ name: '\u00e9' }],
    [{ name: 'a', flags: 1 }],
    [{ name: 'a', mode: 0o120777 }],
    [{ name: 'a', size: 100 * MB }],
  ])
    assert.equal(one('a.zip', zip(entries)), 'archive', JSON.stringify(entries));
  assert.equal(
    one(
      'a.zip',
      zip([
        { name: '\u00e9', flags: 0x0800 },
        { name: 'b/', text: '' },
      ]),
    ),
    undefined,
  );
});

test('v5.0.0-5.2.2 an Office file with macros is another kind, however it is called', () => {
  const macros = zip([typesOf(WORD), { name: 'word/vbaProject.bin' }]);
  assert.equal(one('a.docx', macros), 'macros');
  assert.equal(one('a.docx', zip([typesOf('ms-word.document.macroEnabled')])), 'macros');
  const { name, text = '' } = typesOf(WORD);
  for (const more of ['<A ContentType="vba&#80;roject"/>', '<!-- x -->', '\0'])
    assert.equal(one('a.docx', zip([{ name, text: `${text.toString()}${more}` }])), 'macros', more);
  const lying = { ...typesOf(WORD), local: { name: '[Content_Types].xmk' } };
  assert.equal(one('a.docx', zip([lying])), 'content');
});

test('names and declared types that the route does not have are refused before a byte of the file', () => {
  const part = (filename: string, type?: string): void =>
    new UploadSink({ ...ALL, types: ['image/png'] }).part({ name: 'f', filename, type });
  for (const filename of ['a.html', 'a', '.png/a', 'a.png.exe', 'a.png ', 'a.pdf'])
    assert.throws(() => part(filename), { reason: 'extension' }, filename);
  for (const type of ['text/html', 'image/jpeg', 'image/png2'])
    assert.throws(() => part('a.png', type), { reason: 'declared' });
});

test('v5.0.0-5.2.1 counts files, and the real bytes of each and of all', () => {
  const text = (bytes: number): Sent => ({ name: 'a.txt', bytes: Buffer.alloc(bytes, 'x') });
  assert.equal(take([text(MB), text(MB)]), undefined);
  assert.equal(take([text(MB + 1)]), 'size');
  assert.equal(take([text(MB), text(MB), text(1)]), 'total');
  assert.equal(take([text(1), text(1), text(1), text(1)]), 'files');
  assert.equal(take([text(0)]), 'empty');
});

test('a place for a file where none was chosen, and a field, are no files', () => {
  const sink = new UploadSink({ ...ALL, files: 1 });
  for (const filename of ['', '', undefined]) {
    sink.part({ name: 'f', filename, type: 'application/octet-stream' });
    sink.end();
  }
  sink.part({ name: 'f', filename: 'a.txt', type: undefined });
});

test('pieces of any length make no difference', () => {
  for (const length of [1, 7, 4096]) {
    const rule = { ...ALL, size: 10 * MB };
    assert.equal(take([{ name: 'a.docx', bytes: DOCX.subarray(0) }], rule, length * 50), undefined);
    assert.equal(take([{ name: 'a.png', bytes: PNG }], rule, length), undefined);
    assert.equal(
      take([{ name: 'a.txt', bytes: Buffer.from('\u0645\u0644\u0641') }], rule, length),
      undefined,
    );
  }
});
