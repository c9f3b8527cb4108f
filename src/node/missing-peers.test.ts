import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { warnOfMissingPeers } from './missing-peers.ts';

test('a package that the account pages need and do not find is named at the start, with the line to write', async () => {
  const warned = once(process, 'warning');
  warnOfMissingPeers([['qr', 'authenticator apps']]);
  const [warning] = (await warned) as [Error & { code: string }];
  assert.equal(warning.code, 'ERR_BULWARK_PACKAGE_MISSING');
  assert.match(warning.message, /offer authenticator apps.*npm install qr$/);
});
