import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import zlib, { deflateSync } from 'node:zlib';
import { growthOf, LINEAR_AT_MOST, repeated } from '../../../../test/support/growth.ts';
import { realFiles } from '../../../../test/support/real-files.ts';
import { heldFile, type WholeFile } from '../content/whole-file.ts';
import { inspectPdf } from './inspect-pdf.ts';
import type { PdfAct } from './pdf-acts.ts';

const look = (text: string | Buffer): Promise<readonly PdfAct[]> =>
  inspectPdf(heldFile(Buffer.from(text as string, 'latin1')));

/** The same, in pieces. */
const inPieces = (bytes: Buffer, length: number): WholeFile => ({
  size: bytes.length,
  async *read(from, to) {
    for (let at = from; at < to; at += length) yield bytes.subarray(at, Math.min(to, at + length));
  },
});

const packed = (objects: string, head = '/Type/ObjStm/N 1/First 4/Filter/FlateDecode'): string =>
  `1 0 obj<<${head}>>stream\r\n${deflateSync(objects).toString('latin1')}\nendstream endobj\n`;

test('what real tools have written does what they were told, and nothing else', async () => {
  const expected: Readonly<Record<string, readonly PdfAct[]>> = {
    'script.pdf': ['javascript'],
    'hidden-script.pdf': ['javascript'],
    'attachment.pdf': ['attachment'],
    'hidden-attachment.pdf': ['attachment'],
    'encrypted.pdf': ['encrypted'],
  };
  const files = realFiles().filter(({ name }) => name.endsWith('.pdf'));
  assert.ok(files.length >= 10);
  for (const { name, bytes } of files) {
    const found = await look(bytes);
    assert.deepEqual(found, expected[name] ?? [], name);
    for (const length of [1, 7, 100])
      assert.deepEqual(await inspectPdf(inPieces(bytes, length)), found, `${name} by ${length}`);
  }
});

test('knows each act by its name, in every spelling of it, in the open and packed', async () => {
  for (const [text, act] of [
    ['<</S/JavaScript/JS(1)>>', 'javascript'],
    ['<</S/J#61va#53cript/JS(1)>>', 'javascript'],
    ['<</S /Launch /F(a)>>', 'launch'],
    ['<</Type/EmbeddedFile>>', 'attachment'],
    ['<</Subtype/FileAttachment>>', 'attachment'],
    ['<</S/SubmitForm>>', 'form'],
    ['<</AcroForm<</XFA 4 0 R>>>>', 'xfa'],
    ['<</AcroForm<</#58FA [(a)]>>>>', 'xfa'],
    ['<</Subtype/RichMedia>>', 'media'],
    ['<</S/Movie>>', 'media'],
    ['<</S/GoToR/F(a)>>', 'remote'],
    ['<</OpenAction[3 0 R /Fit]>>', 'on-open'],
    ['<</AA<</O 4 0 R>>>>', 'on-open'],
  ] as const) {
    for (const where of [`2 0 obj${text}endobj`, packed(`2 0 ${text}`)])
      assert.deepEqual(await look(`%PDF-1.7\n${where}\n%%EOF`), [act], where);
  }
});

const BLANKS = '\0\t\n\f\r ';
/** What may stand between a name and its value, by the grammar: nothing of it has a length that ends. */
const GAPS = [
  ' ',
  '%\n',
  '%c\r',
  '\0',
  BLANKS.repeat(3),
  '%[<<1 0 R\n \0%%/S /X\r\n',
  '%/XFA%/AA %/S%/Encrypt%\n',
  ' '.repeat(17_000),
  `%${'x'.repeat(17_000)}\n`,
  `%${'/X [(<<'.repeat(2500)}\r`,
];

/** All of its letters by their numbers, and one of them. */
const spellings = (name: string): readonly string[] => {
  const all = Array.from(name, (letter) => `#${letter.charCodeAt(0).toString(16)}`);
  return [
    name,
    all.join('').toUpperCase(),
    ...all.map((one, at) => name.slice(0, at) + one + name.slice(at + 1)),
  ];
};

test('a short name and its value are one, whatever the grammar has between them', async () => {
  for (const [name, value, act] of [
    ['XFA', '[(a)', 'xfa'],
    ['XFA', '4~0~R', 'xfa'],
    ['AA', '<</O', 'on-open'],
    ['AA', '+00000000000000012~0~R', 'on-open'],
    ['Encrypt', '<<', 'encrypted'],
    ['Encrypt', '3~0R', 'encrypted'],
    ['S', '/Movie ', 'media'],
    ['S', '/#53ound%', 'media'],
  ] as const) {
    for (const gap of GAPS) {
      const text = value.replaceAll('~', gap);
      for (const spelled of gap.length > 99 ? [name] : spellings(name)) {
        const said = JSON.stringify(`/${spelled}${gap}${text}`).slice(0, 99);
        const bytes = Buffer.from(`<</${spelled}${gap}${text}>>`, 'latin1');
        const found = await look(bytes);
        assert.ok(found.includes(act), said);
        assert.deepEqual(await inspectPdf(inPieces(bytes, 7)), found, said);
        assert.ok((await look(packed(`2 0 ${bytes.toString('latin1')}`))).includes(act), `${said}, packed`);
      }
    }
  }
});

test('a short name with what does not belong there is no act', async () => {
  for (const text of [
    '/XFA (a)',
    '/XFA%[\n(a)',
    '/XFAB [',
    '/XFA /X [',
    '/AA [1 0 R]',
    '/AA <41>',
    '/AA 1 0 X',
    '/AA 1 R',
    '/AA null <<',
    '/AA % <<',
    '/Encrypt true 1 0 R',
    '/S %/Movie \n/X',
    '/S /X /Movie ',
    '/S [/Movie]',
    '/Subtype/Movie/T/Sound ',
  ])
    assert.deepEqual(await look(`<<${text}>>`), [], text);
});

test('objects are found where only a table leads to them', async () => {
  const hidden = '9 0 obj<</S/JavaScript/JS(1)>>endobj';
  for (const text of [`<</Length 40>>stream\n${hidden}\nendstream`, `%${hidden}`, `(${hidden})`])
    assert.deepEqual(await look(text), ['javascript'], text);
  for (const before of ['%stream\n', '(endstream)', '(1 0 obj)', 'stream\n'])
    assert.deepEqual(await look(before + packed(hidden)), ['javascript'], before);
  const untyped = packed(hidden, '/N 1/First 4/Filter/FlateDecode');
  assert.deepEqual(await look(untyped), ['javascript']);
});

test('what stands across two windows is seen as anywhere else', async () => {
  const window = 16 * 1024;
  const far = Buffer.alloc(2 * window, '%\n').toString('latin1');
  const hidden = packed('9 0 obj<</S/JavaScript/JS(1)>>endobj');
  const across: readonly (readonly [text: string, found: readonly PdfAct[]])[] = [
    ['/JavaScript ', ['javascript']],
    ['/#4a#61#76#61Script ', ['javascript']],
    ['/Encrypt       12345     0     R', ['encrypted']],
    ['/Encr#79pt %/X%%\n12345\0%\r0     R', ['encrypted']],
    ['/S%x\n/Mo#76ie ', ['media']],
    [hidden, ['javascript']],
    [`/${'x'.repeat(110)}endstream `, []],
  ];
  for (const [text, found] of across)
    for (let at = window - 320; at < window + 8; at += text === hidden ? 1 : 5)
      assert.deepEqual(await look(far.slice(0, at) + text + far.slice(at)), found, `${text} at ${at}`);
});

test('says where it does not see', async () => {
  for (const head of [
    '/Type/ObjStm/Filter/LZWDecode',
    '/Type/ObjStm/Filter[/ASCIIHexDecode/FlateDecode]',
    '/Type/ObjStm/Filter/FlateDecode/DecodeParms<</Predictor 12>>',
  ])
    assert.deepEqual(await look(packed('a', head)), ['unseen'], head);
  assert.deepEqual(await look('1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\nxxxx\nendstream'), [
    'unseen',
  ]);
  assert.deepEqual(await look('1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\nxxxx'), ['unseen']);
  const bomb = packed('a'.repeat(33 * 1024 ** 2));
  assert.deepEqual(await look(bomb), ['unseen']);
  const unsure = packed('a'.repeat(33 * 1024 ** 2), '/N 1/First 4/Filter/FlateDecode');
  assert.deepEqual(await look(unsure), ['unseen']);
  const five = packed('a'.repeat(30 * 1024 ** 2)).repeat(5);
  assert.deepEqual(await look(five), ['unseen']);
  assert.deepEqual(await look('trailer<</Encrypt 5 0 R>>'), ['encrypted']);
});

test('pixels are not taken for names', async () => {
  const bytes = Buffer.concat([Buffer.from('<<>>stream\n'), randomBytes(8 * 1024 ** 2)]);
  assert.deepEqual(await inspectPdf(inPieces(bytes, 65_536)), []);
});

test('looks in time that grows with the file and no faster', async () => {
  for (const unit of [
    '/',
    '/#',
    'stream\n',
    '/ObjStm stream\n',
    '<</AA ',
    '/XFA %',
    '/AA 1 1 ',
    '/S%/AA%/XFA%1 1\n1%',
    '/X',
    '1 0 obj<<',
    'obj(',
    'obj<</First 1/Filter/Fl>>stream\n',
    'obj<</First 1/Filter/Fl>>stream\nendstream',
  ]) {
    const factor = await growthOf((size) => heldFile(Buffer.from(repeated(unit, size))), inspectPdf, 100_000);
    assert.ok(factor < LINEAR_AT_MOST, `${unit}: ${factor}`);
  }
});

test('says so where it is not told how objects are packed, or where they begin', async () => {
  const hidden = '9 0 obj<</S/JavaScript/JS(1)>>endobj';
  const head = '/Type/ObjStm/N 1/First 4';
  for (const filter of [
    '/Filter 6 0 R',
    '/Filter[6 0 R]',
    '/Filter[/FlateDecode 6 0 R]',
    '/Filter[/FlateDecode/FlateDecode]',
    '/#46ilter 6 0 R',
    '/Filter null',
    '/Filter[]',
    '/Filter/FlateDecode/DecodeParms 6 0 R',
    '/Filter/FlateDecode/DecodeParms[6 0 R]',
    '/Filter/FlateDecode/DP/X',
  ])
    assert.ok((await look(packed(hidden, head + filter))).includes('unseen'), filter);
  assert.deepEqual(await look(packed(hidden, '/N 1/First 4/Filter 6 0 R')), ['unseen']);
  for (const filter of [
    '/Filter /FlateDecode ',
    '/Filter [ /Fl ]',
    '/Fil#74er[/Flate#44ecode]',
    '/Filter%\n/FlateDecode',
    '/Filter/FlateDecode/DecodeParms null',
    '/Filter/FlateDecode/DecodeParms<</Columns 1>>',
  ])
    assert.deepEqual(await look(packed(hidden, head + filter)), ['javascript'], filter);
  const one = packed(hidden, `${head}/Filter/FlateDecode`);
  for (const begin of ['stream \n', 'stream\t \r\n', 'stream \r'])
    assert.deepEqual(await look(one.replace('stream\r\n', begin)), ['javascript'], begin);
  for (const begin of ['stream x\n', 'stream', `stream${' '.repeat(200)}\n`, 'strea#6d\n'])
    assert.deepEqual(await look(one.replace('stream\r\n', begin)), ['unseen'], begin);
  assert.deepEqual(await look('1 0 obj<</Type/ObjStm>>'), ['unseen']);
  // An outline has its first line too, and what follows it may be packed twice.
  const page = packed('x', '/Filter[/ASCII85Decode/FlateDecode]');
  assert.deepEqual(await look(`1 0 obj<</Type/Outlines/First 4 0 R>>endobj ${page}`), []);
});

test('what stands in a string or a comment is neither the begin of a stream nor how it is packed', async () => {
  const hidden = '9 0 obj<</S/JavaScript/JS(1)>>endobj';
  for (const type of ['', '/Type/ObjStm']) {
    for (const decoy of [
      '/X(stream\n)',
      '/X(endstream)',
      '/X(endobj)',
      '/X(\\)stream\n(stream\n))',
      '/X(/Filter/LZWDecode)',
      '/X(>>)',
      '/X<20>',
      '/X[(])<</Y(>>)>>]',
      '%stream\n',
      '%/Filter/LZWDecode\r',
      '%>>endstream\n',
    ]) {
      for (const head of [
        `${type}/First 4${decoy}/Filter/FlateDecode`,
        `${decoy}${type}/First 4/Filter/Fl`,
      ]) {
        const file = Buffer.from(packed(hidden, head), 'latin1');
        assert.deepEqual(await look(file), ['javascript'], head);
        assert.deepEqual(await inspectPdf(inPieces(file, 1)), ['javascript'], `${head}, by letters`);
      }
    }
  }
});

test('says so where readers differ on how far a dictionary or a stream goes', async () => {
  const hidden = '9 0 obj<</S/JavaScript/JS(1)>>endobj';
  for (const odd of ['/X[>>', '/X)', '/X<7z>', '/X>', ' stream\n', ' endobj ', '/X{', '/X]']) {
    const found = await look(packed(hidden, `/First 4${odd}/Filter/FlateDecode`));
    assert.ok(found.includes('unseen'), odd);
  }
  const nested = await look(packed(hidden, '/X(1 0 obj<<)/First 4/Filter/FlateDecode'));
  assert.deepEqual(nested, ['javascript', 'unseen']);
  const deep = `/X${'['.repeat(40)}${']'.repeat(40)}`;
  assert.deepEqual(await look(packed(hidden, `/First 4${deep}/Filter/FlateDecode`)), ['unseen']);
  // What is not packed may have the word in it by which streams end.
  const stored = deflateSync(`endstream ${hidden.replace('JavaScript', 'J#61vaScript')}`, { level: 0 });
  const cut = `1 0 obj<</First 4/Filter/Fl>>stream\n${stored.toString('latin1')}\nendstream endobj`;
  assert.deepEqual(await look(cut), ['javascript', 'unseen']);
  assert.deepEqual(await look('1 0 obj<<'.repeat(5) + packed('x')), ['unseen']);
  assert.deepEqual(await look('1 0 obj<</First 4/Filter/Fl>>stream\n'.repeat(5)), ['unseen']);
  // Lists and pages have heads that end otherwise.
  for (const other of ['<</First 4 0 R>>endobj', '[1 2]endobj', '(a)endobj', '<</Kids[3 0 R]>>\nendobj'])
    assert.deepEqual(await look(`1 0 obj${other} ${packed('x')}`), [], other);
});

test('streams that unpack to too much are work as well', async (t) => {
  const inflate = t.mock.method(zlib, 'inflate');
  syncBuiltinESMExports();
  t.after(() => {
    inflate.mock.restore();
    syncBuiltinESMExports();
  });
  const bomb = packed('a'.repeat(33 * 1024 ** 2), '/N 1/First 4/Filter/FlateDecode');
  assert.deepEqual(await look(bomb.repeat(40)), ['unseen']);
  // Four times 32 MB are all that is unpacked.
  assert.equal(inflate.mock.callCount(), 4);
});

test('a look that is stopped ends there', async () => {
  const late = new Error('nobody waits');
  const ended = new AbortController();
  let read = 0;
  const file: WholeFile = {
    size: 100_000,
    async *read() {
      for (; read < 100; read += 1) {
        if (read === 3) ended.abort(late);
        yield Buffer.alloc(1000);
      }
    },
  };
  await assert.rejects(inspectPdf(file, ended.signal), late);
  assert.equal(read, 3);
});
