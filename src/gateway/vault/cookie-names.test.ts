import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookieNames } from './cookie-names.ts';

test('names are known in every spelling that a reader behind the gateway may take for them', () => {
  const names = new CookieNames(['session', 'connect.sid', '_*_session']);
  for (const name of [
    'session',
    'SESSION',
    ' session\t',
    'sess%69on',
    '%73ession',
    'connect.sid',
    'connect_sid',
  ])
    assert.ok(names.has(name), name);
  for (const name of ['_notes_session', '_a_b_session', '_Notes_Session']) assert.ok(names.has(name), name);
  for (const name of ['sessions', 'my_session_', 'x', '', '_session', 'connectsid', 'session=']) {
    assert.equal(names.has(name), false, name);
  }
});
