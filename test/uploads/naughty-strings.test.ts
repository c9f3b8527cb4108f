/**
 * The Big List of Naughty Strings, as people type it: into fields of forms, into JSON, and as names of files. All of it is
 * taken, and comes out as it went in; what is not is named here.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { FormScanner, type FormSink } from '../../src/controls/uploads/multipart/form-scanner.ts';
import { MultipartFault } from '../../src/controls/uploads/multipart/multipart-fault.ts';
import type { PartHead } from '../../src/controls/uploads/multipart/part-head.ts';
import { readFields } from '../../src/controls/validation/fields.ts';
import { readStrictJson } from '../../src/controls/validation/strict-json.ts';

// MIT, Max Woolf; version and sum are those of the lock file.
const STRINGS = createRequire(import.meta.url)('big-list-of-naughty-strings/blns.json') as readonly string[];

function read(form: string): readonly { readonly head: PartHead; readonly text: string }[] {
  const seen: { head: PartHead; text: string }[] = [];
  const sink: FormSink = {
    part: (head) => void seen.push({ head, text: '' }),
    data: (bytes) => {
      const last = seen.at(-1);
      if (last !== undefined) last.text += bytes.toString();
    },
    end: () => undefined,
  };
  const scanner = new FormScanner('a-boundary', { parts: 10, field: 1024 ** 2 }, sink);
  scanner.push(Buffer.from(form));
  scanner.finish();
  return seen;
}

const part = (disposition: string, text: string): string =>
  `--a-boundary\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${text}\r\n--a-boundary--\r\n`;
/** As browsers write a name (WHATWG HTML, 4.10.21.8). */
const escaped = (name: string): string =>
  name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

test('all of them come out of a multipart form, a urlencoded one and JSON as they went in', () => {
  let ran = 0;
  for (const text of STRINGS) {
    assert.equal(read(part('name="a"', text))[0]?.text, text);
    const fields = readFields('body', new URLSearchParams({ a: text }).toString(), []);
    assert.ok(fields.ok && (fields.value as { a: string }).a === text, text);
    const limits = { depth: 2, entries: 10, bigIntegers: 'refuse' } as const;
    const reading = readStrictJson(Buffer.from(JSON.stringify({ a: text })), limits);
    assert.ok(reading.ok, text);
    assert.deepEqual(reading.value, { a: text });
    ran += 1;
  }
  assert.equal(ran, STRINGS.length);
  assert.equal(ran, 461);
});

test('all of them are names of files, but for those that readers take apart: with a backslash or a control', () => {
  const counts = { taken: 0, refused: 0 };
  for (const text of STRINGS) {
    if (text === '') continue;
    const isOdd = /[\\\p{Cc}]/u.test(text.replaceAll(/[\r\n]/g, '')) || text.length > 1000;
    try {
      const [found] = read(part(`name="f"; filename="${escaped(text)}"`, 'x'));
      // What looks like an escape is one: browsers leave a percent sign as it is.
      if (!/%(?:22|0D|0A)/.test(text)) assert.equal(found?.head.filename, text);
      assert.ok(!isOdd, text);
      counts.taken += 1;
    } catch (error) {
      assert.ok(error instanceof MultipartFault && isOdd, `${text}: ${String(error)}`);
      counts.refused += 1;
    }
  }
  assert.deepEqual(counts, { taken: 277, refused: 183 });
});
