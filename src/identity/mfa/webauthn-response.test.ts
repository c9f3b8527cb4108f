import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeFactors } from '../../../test/support/second-factors.ts';
import { readAssertion, readRegistration } from './webauthn-response.ts';

const CLIENT = { type: 'webauthn.get', challenge: 'a', origin: 'https://example.com', crossOrigin: false };

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function assertion(changes: object = {}, response: object = {}): unknown {
  const clientDataJSON = base64url(JSON.stringify(CLIENT));
  return {
    id: 'AAAA',
    rawId: 'AAAA',
    type: 'public-key',
    response: { clientDataJSON, authenticatorData: 'AAAA', signature: 'AAAA', ...response },
    ...changes,
  };
}

function clientData(data: unknown): object {
  return { clientDataJSON: base64url(JSON.stringify(data)) };
}

test('reads what browsers send', () => {
  const read = readAssertion(assertion({ authenticatorAttachment: 'platform' }, { userHandle: 'AQID' }));
  assert.deepEqual(read?.client, CLIENT);
  assert.equal(read?.userHandle, 'AQID');
  for (const userHandle of [undefined, null, '']) {
    const without = readAssertion(assertion({}, { userHandle }));
    assert.ok(without !== undefined && without.userHandle === undefined);
  }
  const made = readRegistration(
    assertion({}, { attestationObject: 'AAAA', transports: ['usb', 'usb', 'nfc'] }),
  );
  assert.deepEqual(made?.transports, ['usb', 'nfc']);
});

test('reads a frame of another site by either of its signs', () => {
  const framed = (data: object): boolean | undefined =>
    readAssertion(assertion({}, clientData({ ...CLIENT, ...data })))?.client.crossOrigin;
  assert.equal(framed({}), false);
  assert.equal(framed({ crossOrigin: undefined }), false);
  assert.equal(framed({ crossOrigin: true }), true);
  assert.equal(framed({ topOrigin: 'https://example.com' }), true);
});

test('reads nothing of another shape', () => {
  const shapes: readonly unknown[] = [
    undefined,
    null,
    '',
    1,
    [],
    {},
    assertion({ type: 'password' }),
    assertion({ id: 'AAAB' }),
    assertion({ id: '', rawId: '' }),
    assertion({ id: 'AAA=', rawId: 'AAA=' }),
    assertion({ id: 'AA+A', rawId: 'AA+A' }),
    // The last bits of a spelling that base64url does not have.
    assertion({ id: 'AAB', rawId: 'AAB' }),
    assertion({ id: 'A'.repeat(1368), rawId: 'A'.repeat(1368) }),
    assertion({ response: null }),
    assertion({ response: [] }),
    assertion({}, { signature: undefined }),
    assertion({}, { signature: 7 }),
    assertion({}, { signature: 'A'.repeat(20_000) }),
    assertion({}, { authenticatorData: '' }),
    assertion({}, { userHandle: 7 }),
    assertion({}, { userHandle: 'A'.repeat(88) }),
    assertion({}, { clientDataJSON: base64url('{') }),
    assertion({}, { clientDataJSON: base64url('x'.repeat(10_000)) }),
    assertion({}, clientData([])),
    assertion({}, clientData(null)),
    assertion({}, clientData({ ...CLIENT, origin: 7 })),
    assertion({}, clientData({ ...CLIENT, challenge: undefined })),
    assertion({}, clientData({ ...CLIENT, type: null })),
  ];
  for (const [index, shape] of shapes.entries())
    assert.equal(readAssertion(shape), undefined, `shape ${index}`);
  assert.equal(readRegistration(assertion()), undefined);
});

test('drops transports that are none, and keeps eight at most', () => {
  const read = (transports: unknown): readonly string[] | undefined =>
    readRegistration(assertion({}, { attestationObject: 'AAAA', transports }))?.transports;
  assert.deepEqual(read(undefined), []);
  assert.deepEqual(read('usb'), []);
  assert.deepEqual(read(['usb', 7, null, '<script>', 'USB', 'x'.repeat(30)]), ['usb']);
  assert.equal(read('abcdefghij'.split(''))?.length, 8);
});

test('whatever is sent, no ceremony throws and none succeeds', async () => {
  const { factors, visit } = new FakeFactors();
  const anything = fc.oneof(
    fc.anything(),
    fc.record({
      id: fc.constant('AAAA'),
      rawId: fc.constant('AAAA'),
      type: fc.constant('public-key'),
      response: fc.record({
        clientDataJSON: fc.constant(base64url(JSON.stringify(CLIENT))),
        attestationObject: fc.base64String().map((text) => text.replaceAll(/[+/=]/g, '')),
        authenticatorData: fc.base64String().map((text) => text.replaceAll(/[+/=]/g, '')),
        signature: fc.base64String().map((text) => text.replaceAll(/[+/=]/g, '')),
      }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (response) => {
      assert.ok(!(await factors.passkeys.signIn(visit, response)).ok);
      assert.ok(!(await factors.passkeys.verify(visit, 'ann', response)).ok);
      assert.ok(!(await factors.passkeys.register(visit, 'ann', response, 'x')).ok);
    }),
  );
});
