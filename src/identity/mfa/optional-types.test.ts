import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingPeers } from './optional-types.ts';

test('names what is not installed, and nothing where that cannot be known', () => {
  assert.deepEqual(missingPeers(), []);
  const without = (gone: string) => (name: string) => {
    if (name === gone) throw Object.assign(new Error(name), { code: 'ERR_MODULE_NOT_FOUND' });
    return name;
  };
  assert.deepEqual(missingPeers(without('qr')), [['qr', 'authenticator apps']]);
  assert.deepEqual(missingPeers(without('@simplewebauthn/server')), [['@simplewebauthn/server', 'passkeys']]);
  const bundled = (): string => {
    throw new TypeError('import.meta.resolve is not a function');
  };
  assert.deepEqual(missingPeers(bundled), []);
});
