/** Files that people send: what they are, and by which name. */
import assert from 'node:assert/strict';
import { crc32, deflateSync } from 'node:zlib';
import { exchangeBytes, writeRequest } from '../../src/testing/wire.ts';
import { pastFailure } from './holds.ts';
import { firstBytesSite, twoReadersSite } from './recipes.ts';
import { bodyOf, everyHostWith, json, nodeSite, type Handle } from './sites.ts';

/** A picture of one dot. */
const PNG = Buffer.concat([
  Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'),
  chunkOf('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])),
  chunkOf('IDAT', deflateSync(Buffer.from([0, 0]))),
  chunkOf('IEND', Buffer.alloc(0)),
]);

function chunkOf(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** Sends one file, and returns the status. */
async function send(port: number, disposition: string, bytes: Buffer | string): Promise<string> {
  const body = Buffer.concat([
    Buffer.from(`--b\r\nContent-Disposition: form-data; name="file"; ${disposition}\r\n\r\n`),
    Buffer.from(bytes),
    Buffer.from('\r\n--b--\r\n'),
  ]);
  const head = writeRequest({
    method: 'POST',
    target: '/files',
    headers: {
      'sec-fetch-site': 'same-origin',
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': String(body.length),
    },
  });
  const answer = await exchangeBytes(port, Buffer.concat([Buffer.from(head), body]));
  return answer.toString('latin1', 9, 12);
}

const take: Handle = async (request, response) =>
  json(response, { characters: (await bodyOf(request)).length });
const takesPictures = () =>
  ({ routes: { 'POST /files': { upload: { types: ['image/png'], size: '1MB' } } } }) as const;

pastFailure(24, 'a picture with a script behind its end is refused, and a picture is taken', {
  on: everyHostWith(take, takesPictures),
  off: {
    'the first bytes and nothing else': firstBytesSite,
    'no rule for the route': () => nodeSite(take),
  },
  check: async ({ port }) => {
    assert.equal(await send(port, 'filename="dot.png"', PNG), '200');
    const script = Buffer.concat([PNG, Buffer.from('<script>alert(1)</script>')]);
    const status = await send(port, 'filename="dot.png"', script);
    assert.equal(status, '415', `a picture with a script behind it is answered ${status}`);
  },
  seen: /with a script behind it is answered 200/,
});

pastFailure(32, 'a form that two readers read in two ways reaches neither', {
  on: everyHostWith(take),
  off: {
    'one reader checks and another one stores': twoReadersSite,
    "uploads mode 'off'": () => nodeSite(take, { uploads: { mode: 'off' } }),
  },
  check: async ({ port }) => {
    assert.equal(await send(port, 'filename="a.png"', 'x'), '200');
    const dispositions = [
      'filename="a.png"; filename="a.html"',
      'filename=a.png',
      'filename="a.png"; filename*=UTF-8\'\'a.html',
    ];
    for (const disposition of dispositions) {
      const status = await send(port, disposition, 'x');
      assert.equal(status, '400', `a second reading is answered ${status}`);
    }
  },
  seen: /a second reading is answered 200/,
});
