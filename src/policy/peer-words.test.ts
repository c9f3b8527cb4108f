import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { describe, test } from 'node:test';
import { readPolicy } from './read-policy.ts';
import type { PolicyOptions } from './policy.ts';
import { memory } from '../stores/memory/state.ts';
import { fixedSecrets } from '../testing/fakes.ts';
import { PEER_LINES, peerWord } from '../core/peer-words.ts';

async function read(options: object): Promise<void> {
  const policy = await readPolicy({
    origin: 'https://www.example.com',
    environment: 'production',
    secrets: fixedSecrets(),
    state: memory(),
    audit: { sink: () => undefined },
    ...options,
  });
  await policy.state.close();
}

describe('words of other products', () => {
  for (const [write, words] of PEER_LINES) {
    test(`${write}: a policy takes it, and none of the words for it`, async () => {
      await read(JSON.parse(runInNewContext(`JSON.stringify({ ${write} })`) as string) as PolicyOptions);
      for (const word of words) {
        const [key = '', section] = word.split('.').toReversed();
        const options = section === undefined ? { [key]: true } : { [section]: { [key]: true } };
        await assert.rejects(read(options), (error: Error) =>
          error.message.includes(`here that is ${write}`),
        );
      }
    });
  }

  test('in whatever way they are written, and in a section of a route too', () => {
    for (const word of ['TRUST_PROXY', 'trust-proxy', 'trust proxy', 'TrustProxy'])
      assert.equal(peerWord('', word), "here that is proxy: { trusted: ['10.0.0.5'] }");
    assert.match(peerWord("routes['/api/**'].cors", 'origin') ?? '', /cors: \{ origins/);
  });

  test('in a section that has another meaning for them they are none', async () => {
    const scheme = { scheme: 'stripe' };
    for (const options of [
      { outbound: { allowedOrigins: ['https://api.example.com'] } },
      { outbound: { allowedHosts: ['api.example.com'] } },
      { routes: { 'POST /hook': { webhook: { ...scheme, secret: 'x' } } } },
      { routes: { '/x': { throttle: '5/minute' } } },
      { routes: { '/x': { secret: 'x' } } },
      { files: { store: {} } },
      { metrics: { secret: 'x' } },
      { firewall: { trustProxy: true } },
    ])
      await assert.rejects(
        read(options),
        (error: Error) =>
          /there is no option of this name/.test(error.message) &&
          !/here that is|BULWARK_SECRET|limits are kept/.test(error.message),
        JSON.stringify(options),
      );
    await assert.rejects(
      read({ routes: { '/x': { bodyLimits: 1 } } }),
      /did you mean routes\['\/x'\]\.bodyLimit\?|known here/,
    );
  });

  test('what has no line says what to do', async () => {
    await assert.rejects(read({ session: { secret: 'x' } }), /set BULWARK_SECRET in the environment/);
    await assert.rejects(read({ session: { store: {} } }), /says where sessions and limits are kept/);
  });

  test('a misspelt word of ours is still that, and a name of nobody neither', async () => {
    await assert.rejects(read({ sesion: {} }), /did you mean session\?/);
    assert.equal(peerWord('', 'frobnicate'), undefined);
    assert.equal(peerWord('', 'x'.repeat(100_000)), undefined);
  });
});
