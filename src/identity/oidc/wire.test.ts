import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OpenIdProvider } from '../../../test/support/openid-provider.ts';
import { Wire } from './wire.ts';

let provider: OpenIdProvider;

before(async () => {
  provider = await OpenIdProvider.start();
});
after(() => {
  provider.stop();
});

test('asks nothing more once the time for all of it is over', async () => {
  provider.answers.set('/slow', () => undefined);
  const wire = Wire.of(50, () => true);
  await assert.rejects(wire.fetch(`${provider.issuer}/slow`, {}));
  provider.asked.length = 0;
  await assert.rejects(wire.fetch(`${provider.issuer}/keys`, {}));
  assert.deepEqual(provider.asked, []);
  assert.equal(wire.trouble, 'it did not answer in time');
});

test('asks no address that is not to be asked, whoever named it', async () => {
  const wire = Wire.of(10_000, (url) => url.endsWith('/keys'));
  provider.asked.length = 0;
  await assert.rejects(wire.fetch(`${provider.issuer}/token`, {}));
  assert.deepEqual(provider.asked, []);
  assert.equal(wire.trouble, 'it named an address that is not asked');
  assert.equal((await wire.fetch(`${provider.issuer}/keys`, {})).status, 200);
});

test('hands on status, headers and body as they came, and a redirect as an answer', async () => {
  const wire = Wire.of(10_000, () => true);
  provider.answers.set('/moved', (_request, response) => {
    response.writeHead(302, { location: '/keys', 'x-test': 'yes' }).end('moved');
  });
  const moved = await wire.fetch(`${provider.issuer}/moved`, { redirect: 'follow' });
  assert.deepEqual([moved.status, moved.headers.get('x-test'), await moved.text()], [302, 'yes', 'moved']);
  provider.answers.set('/nothing', (_request, response) => response.writeHead(204).end());
  assert.equal((await wire.fetch(`${provider.issuer}/nothing`, {})).status, 204);
  assert.equal(wire.trouble, undefined);
});
