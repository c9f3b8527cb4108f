import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { canonicalForm } from './canonical-form.ts';
import { FormScanner } from './form-scanner.ts';
import { plainFilename } from './plain-filename.ts';

const LIMITS = { parts: 10, field: 1000 };

async function* pieces(text: string, length: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const remade = async (text: string, length = 1000): Promise<string> =>
  String(await buffer(canonicalForm(pieces(text, length), { from: 'b', boundary: 'ours', limits: LIMITS })));

const FORM =
  '--b\r\ncontent-disposition:form-data; name="a"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\none\r\n' +
  '--b\r\nContent-Length: 3\r\nContent-Disposition: Form-Data; name="f"; filename="x/y \u202egnp.txt"\r\n\r\n--c\r\n' +
  '--b\r\nContent-Disposition: form-data; name="f"; filename=""\r\nContent-Type: Application/Octet-Stream\r\n\r\n\r\n' +
  '--b\r\nContent-Disposition: form-data; name="j"\r\nContent-Type: application/json\r\n\r\n{}\r\n--b--';

test('writes a form anew: the lines that every reader takes alike, and nothing else', async () => {
  const expected =
    '--ours\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n' +
    '--ours\r\nContent-Disposition: form-data; name="f"; filename="y gnp.txt"\r\nContent-Type: application/octet-stream\r\n\r\n--c\r\n' +
    '--ours\r\nContent-Disposition: form-data; name="f"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n' +
    '--ours\r\nContent-Disposition: form-data; name="j"\r\nContent-Type: application/json\r\n\r\n{}\r\n--ours--\r\n';
  for (const length of [1, 2, 7, 1000]) assert.equal(await remade(FORM, length), expected);
});

test('what was written anew is within the grammar, and has as many parts', async () => {
  const text = await remade(FORM);
  let parts = 0;
  const scanner = new FormScanner('ours', LIMITS, {
    part: () => (parts += 1),
    data: () => undefined,
    end: () => undefined,
  });
  scanner.push(Buffer.from(text));
  scanner.finish();
  assert.equal(parts, 4);
});

test('a form that is outside of the grammar ends with a fault and no end', async () => {
  await assert.rejects(remade(`${FORM}epilogue`), { reason: 'between' });
  await assert.rejects(remade(FORM.slice(0, -5)), { reason: 'cut' });
});

test('a name of a file is what every reader makes of it', () => {
  for (const [name, plain] of [
    ['report.pdf', 'report.pdf'],
    ['\u0645\u0644\u0641 \u0661.pdf', '\u0645\u0644\u0641 \u0661.pdf'],
    ['e\u0301.txt', '\u00e9.txt'],
    ['100%.txt', '100%.txt'],
    ['100%25.txt', '100%25.txt'],
    ['100%22.txt', '100_22.txt'],
    ['"a".txt', '_a_.txt'],
    ['a\r\nb.txt', 'ab.txt'],
    ['R&D 1.txt', 'R&D 1.txt'],
    ['a&#1234;.txt', 'a_#1234;.txt'],
    ['a&amp;b.txt', 'a_amp;b.txt'],
    ['a&copy.txt', 'a_copy.txt'],
    ['Screenshot 10.00\u202fAM.png', 'Screenshot 10.00 AM.png'],
    ['photos/2026/a.png', 'a.png'],
    ['../../etc/passwd', 'passwd'],
    ['a/', '_'],
    ['a/..', '_'],
    ['.', '_'],
    ['\u202e', '_'],
    ['', ''],
  ] as const)
    assert.equal(plainFilename(name), plain, JSON.stringify(name));
});
