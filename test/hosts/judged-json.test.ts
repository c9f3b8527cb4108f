/** Bodies in JSON that the layer has looked through: the handler behind it finds them as they were sent, on every host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../src/testing/wire.ts';
import { WITH_WEB } from './every-host.ts';

const JSON_POST = {
  method: 'POST',
  target: '/read',
  headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
};
/** Blanks, escapes, order and numbers as no writer of ours would have them. */
const ODD = ' {"b" :\t1e2,\r\n "a": "\\u0041\\/", "n": 12345678901234567890 } ';
const LARGE = JSON.stringify(Array.from({ length: 20_000 }, (_, index) => `entry ${index}`));

for (const [name, host] of Object.entries(WITH_WEB)) {
  test(`v5.0.0-1.5.3 ${name}: the handler reads the bytes that were judged, by length and in chunks, small and large`, async () => {
    const { port, stop } = await host({});
    try {
      for (const body of [ODD, LARGE]) {
        const whole = await ask(port, { ...JSON_POST, body });
        assert.equal(whole.status, 200);
        assert.equal((JSON.parse(whole.body) as { read: string }).read, body);
        const half = Math.floor(body.length / 2);
        const chunks = [body.slice(0, half), body.slice(half)].map(
          (text) => `${text.length.toString(16)}\r\n${text}\r\n`,
        );
        const chunked = await ask(port, {
          ...JSON_POST,
          headers: { ...JSON_POST.headers, 'transfer-encoding': 'chunked' },
          body: `${chunks.join('')}0\r\n\r\n`,
        });
        assert.equal(chunked.body, whole.body);
      }
    } finally {
      await stop();
    }
  });

  test(`v5.0.0-1.5.3 ${name}: what is refused is answered before the handler`, async () => {
    const { port, stop } = await host({});
    try {
      const refused = await ask(port, { ...JSON_POST, body: '{"a":1,"a":2}' });
      assert.equal(refused.status, 400);
      assert.match(refused.body, /An object has one name twice\./);
      assert.deepEqual(JSON.parse((await ask(port, { target: '/json' })).body), { ok: true });
    } finally {
      await stop();
    }
  });
}
