import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type CsvRow, readCsv } from './csv.ts';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function read(text: string | Uint8Array, size = 1 << 16): Promise<readonly CsvRow[]> {
  const rows: CsvRow[] = [];
  for await (const row of readCsv(inPieces(Buffer.from(text), size))) rows.push(row);
  return rows;
}

async function fieldsOf(text: string, size?: number): Promise<readonly (readonly string[])[]> {
  return (await read(text, size)).map(({ fields, flaw }) => {
    assert.equal(flaw, undefined);
    return fields;
  });
}

test('reads the forms of RFC 4180, with CRLF or LF, and without a line break at the end', async () => {
  assert.deepEqual(await fieldsOf('a,b\r\n"x ""y"", z","two\r\nlines"\n,\r\n"",last'), [
    ['a', 'b'],
    ['x "y", z', 'two\r\nlines'],
    ['', ''],
    ['', 'last'],
  ]);
});

test('whatever fields are written, the same are read, in pieces of any size', async () => {
  const field = fc.string({
    unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\r\n', ' ', '\u00E9', '\u{1F98A}'),
  });
  const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  const property = fc.asyncProperty(rows, fc.integer({ min: 1, max: 9 }), async (table, size) => {
    const text = table
      .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
      .join('\r\n');
    assert.deepEqual(await fieldsOf(text, size), table);
  });
  await fc.assert(property, { numRuns: 200 });
});

test('never throws anything but its own error, and loses no row number, whatever the bytes are', async () => {
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
    try {
      const rows = await read(Buffer.concat([Buffer.from('a,b\n'), bytes]), 7);
      for (const [at, { row }] of rows.entries()) assert.ok(at === 0 || row > (rows[at - 1]?.row ?? 0));
    } catch (error) {
      assert.match((error as Error).message, /^row \d+: a quote is opened here and never closed/);
    }
  });
  await fc.assert(property, { numRuns: 300 });
});

test('skips a byte order mark and blank lines, and counts rows as a spreadsheet does', async () => {
  const rows = await read('\uFEFFemail,hash\n\n"a\nb",c\n\nd,e\n');
  assert.deepEqual(
    rows.map(({ row, fields }) => [row, fields[0]]),
    [
      [1, 'email'],
      [3, 'a\nb'],
      [5, 'd'],
    ],
  );
});

test('a row in another form is told by its flaw, and those after it are read', async () => {
  const flaws = [
    ['a"b,c', /in the middle of a field/],
    ['"a"b,c', /follows a closing quote/],
    ['a\rb,c', /carriage return/],
    ['a\0,c', /NUL/],
    [Buffer.from([0x61, 0xff, 0x2c, 0x63]), /not in UTF-8/],
  ] as const;
  for (const [bad, why] of flaws) {
    const rows = await read(Buffer.concat([Buffer.from('x,y\n'), Buffer.from(bad), Buffer.from('\nd,e\n')]));
    assert.match(rows[1]?.flaw ?? '', why);
    assert.deepEqual(rows[2], { row: 3, fields: ['d', 'e'], flaw: undefined });
  }
});

test('a first row that is no text ends it: UTF-16, and a file that is no table', async () => {
  await assert.rejects(read(Buffer.from('email,hash\n', 'utf16le')), { code: 'ERR_BULWARK_IMPORT_FILE' });
  await assert.rejects(read(Buffer.from([0x50, 0x4b, 3, 4, 0, 0xff])), { code: 'ERR_BULWARK_IMPORT_FILE' });
});

test('a quote that is never closed, over a hundred megabytes, is an error and takes up no memory', () => {
  const program = `
    const { readCsv } = await import(${JSON.stringify(import.meta.resolve('./csv.ts'))});
    const held = () => {
      gc();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    async function* endless() {
      yield Buffer.from('a,b\\nx,"');
      const before = held();
      const piece = Buffer.alloc(1 << 20, 'z');
      for (let count = 0; count < 100; count += 1) yield await Promise.resolve(piece);
      console.log(Math.round((held() - before) / (1 << 20)));
    }
    const rows = readCsv(endless());
    await rows.next();
    await rows.next();
  `;
  // In a process of its own: in this one other tests come and go.
  const node = ['--expose-gc', '--input-type=module', '--eval', program];
  const { status, stdout, stderr } = spawnSync(process.execPath, node, { encoding: 'utf8' });
  assert.match(stderr, /row 2: a quote is opened here and never closed/);
  assert.equal(status, 1);
  assert.ok(Number(stdout) < 20, `${stdout.trim()} MB are held`);
});

test('of a row of a million columns a thousand are kept', async () => {
  const [, wide, next] = await read(`a,b\n${','.repeat(1_000_000)}\nc,d\n`);
  assert.equal(wide?.fields.length, 1000);
  assert.match(wide?.flaw ?? '', /more than 1000 columns/);
  assert.deepEqual(next?.fields, ['c', 'd']);
});
