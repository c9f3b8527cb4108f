/** What readers of forms see behind the gateway is the same in every form that it takes; without it each sees another one. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { exchangeBytes, parseAnswer, type RawAnswer, writeRequest } from '../../src/testing/wire.ts';
import { testPolicy } from '../hosts/hosts.ts';
import { freePort } from '../support/processes.ts';
import { once } from 'node:events';
import { FORM_READERS, type FormServer, type SeenForm } from './form-readers.ts';

const part = (lines: string, bytes: string): string => `--b\r\n${lines}\r\n\r\n${bytes}\r\n`;
const disposition = (rest: string): string => `Content-Disposition: form-data; ${rest}`;
const field = (name: string, value: string): string => part(disposition(`name="${name}"`), value);
const file = (filename: string, bytes: string, type = 'text/plain'): string =>
  part(`${disposition(`name="f"; filename="${filename}"`)}\r\nContent-Type: ${type}`, bytes);
const END = '--b--\r\n';

/** Within the grammar: as clients write them, and at its edges. */
const TAKEN: Readonly<Record<string, string>> = {
  'a field': field('a', 'one'),
  'fields of one name, and an empty one': field('a', 'one') + field('a', 'two') + field('b', ''),
  'a field of several lines': field('a', 'one\r\ntwo\n\n three\r\n'),
  // Brackets are what multer makes objects of, by design: they are left as they are.
  'a name with a dot': field('a.b', 'two'),
  'a mark of byte order': field('a', '\ufeffone'),
  'names in Arabic': field('\u0627\u0633\u0645', '\u0642\u064a\u0645\u0629'),
  'a field with a type': part(`${disposition('name="a"')}\r\nContent-Type: text/plain; charset=utf-8`, 'one'),
  'a field with a length': part(`Content-Length: 3\r\n${disposition('name="a"')}`, 'one'),
  'a file': file('a.txt', 'bytes'),
  'a file of no type': part(disposition('name="f"; filename="a.bin"'), 'bytes'),
  'an empty file': file('a.txt', ''),
  'files of one name and a field between': file('a.txt', '1') + field('a', 'one') + file('b.txt', '2'),
  'bytes that are no text': file('a.bin', '\u0000\r\n--\r\n-- b--\r\n', 'application/octet-stream'),
  'a file in Arabic': file('\u0645\u0644\u0641 \u0661.txt', 'bytes'),
  'a file in letters of two parts': file('e\u0301.txt', 'bytes'),
  'a file with quotes': file('%22quoted%22.txt', 'bytes'),
  'a file with line breaks': file('two%0D%0Alines.txt', 'bytes'),
  'a file with percent signs': file('100%.txt', 'bytes') + file('a%20b%41.txt', 'bytes'),
  'a file with what separates elsewhere': file("a;b=c, d'e(f).txt", 'bytes'),
  'a file with what HTML reads': file('a&#1234;b&amp;c&copy.txt', 'bytes') + file('R&D 1.txt', 'bytes'),
  'a file in a folder': file('photos/a.txt', 'bytes') + file('../../a.txt', 'bytes'),
  'a file that is called as a folder': file('..', 'bytes'),
  'a file with signs that have no shape': file('a\u202egnp\u200b.txt', 'bytes') + file('10\u202fAM.txt', 'x'),
  'a type in capitals': file('a.txt', 'bytes', 'Text/Plain'),
};

/** Outside of it, each with what it is refused as. Some of these readers see another form than others, or none. */
const REFUSED: Readonly<Record<string, string>> = {
  'two names of a file': part(disposition('name="f"; filename="a.txt"; filename="b.txt"'), 'x'),
  'two names': part(disposition('name="a"; name="b"'), 'x'),
  'a name of a file in two ways': part(
    disposition(`name="f"; filename="a.txt"; filename*=UTF-8''b.txt`),
    'x',
  ),
  'a blank behind a boundary': `${field('a', 'one')}--b \r\n${disposition('name="c"')}\r\n\r\ntwo\r\n`,
  'a boundary behind a bare LF': field('a', `one\n--b\r\n${disposition('name="c"')}\r\n\r\ntwo`),
  'a transfer coding': part(`${disposition('name="a"')}\r\nContent-Transfer-Encoding: base64`, 'b25l'),
  'a folded line': part('Content-Disposition: form-data;\r\n name="a"', 'one'),
  'bytes that are no file': part(
    `${disposition('name="a"')}\r\nContent-Type: application/octet-stream`,
    'one',
  ),
  'an escaped quote in a name': field('a%22b', 'one'),
  'a backslash': part(disposition('name="f"; filename="a\\b.txt"'), 'x'),
  'another disposition': part('Content-Disposition: attachment; name="a"', 'one'),
  'a blank round a name': field(' a ', 'one'),
  'another charset': part(`${disposition('name="a"')}\r\nContent-Type: text/plain; charset=latin1`, '\u00e9'),
};

async function post(
  port: number,
  body: string,
  type = 'multipart/form-data; boundary=b',
): Promise<RawAnswer> {
  const bytes = Buffer.from(body);
  const headers = {
    'sec-fetch-site': 'same-origin',
    'content-type': type,
    'content-length': String(bytes.length),
  };
  const head = writeRequest({ method: 'POST', target: '/form', headers });
  return parseAnswer(await exchangeBytes(port, Buffer.concat([Buffer.from(head), bytes])));
}

/** Fields and files apart: some readers have no order between them. */
function seenOf({ status, body }: RawAnswer): SeenForm | string {
  if (status !== 200) return `error ${status}`;
  return JSON.parse(body) as SeenForm;
}

describe('forms behind the gateway', () => {
  const apps = new Map<string, FormServer>();
  const gateways = new Map<string, { gateway: Gateway; port: number }>();

  before(async () => {
    for (const [name, start] of Object.entries(FORM_READERS)) {
      const app = await start();
      apps.set(name, app);
      const gateway = createGateway(testPolicy([], { rateLimit: { mode: 'off' } }), {
        upstream: `http://127.0.0.1:${app.port}`,
      });
      const port = await freePort();
      gateway.server.listen(port, '127.0.0.1');
      await once(gateway.server, 'listening');
      gateways.set(name, { gateway, port });
    }
  });
  after(async () => {
    for (const { gateway } of gateways.values()) {
      gateway.server.closeAllConnections();
      gateway.server.close();
      await gateway.close();
    }
    for (const app of apps.values()) await app.stop();
  });

  async function through(form: string): Promise<Record<string, SeenForm | string>> {
    const seen: Record<string, SeenForm | string> = {};
    for (const [name, { port }] of gateways) seen[name] = seenOf(await post(port, form + END));
    return seen;
  }

  async function direct(form: string): Promise<Record<string, SeenForm | string>> {
    const seen: Record<string, SeenForm | string> = {};
    for (const [name, { port }] of apps) seen[name] = seenOf(await post(port, form + END));
    return seen;
  }

  for (const [what, form] of Object.entries(TAKEN)) {
    test(`v5.0.0-1.5.3 every reader sees the same: ${what}`, async () => {
      const seen = await through(form);
      const { busboy } = seen;
      assert.notEqual(typeof busboy, 'string');
      for (const [name, one] of Object.entries(seen)) assert.deepEqual(one, busboy, name);
      const { fields, files } = busboy as SeenForm;
      assert.equal(fields.length + files.length, form.split('--b\r\nContent-').length - 1);
    });
  }

  for (const [what, form] of Object.entries(REFUSED)) {
    test(`v5.0.0-1.5.3 no reader is given what they disagree on: ${what}`, async () => {
      for (const [name, { port }] of gateways) assert.equal((await post(port, form + END)).status, 400, name);
      const seen = await direct(form);
      assert.ok(new Set(Object.values(seen).map((one) => JSON.stringify(one))).size > 1);
    });
  }
});
