import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { FakeSite, look, signedIn } from '../../../test/support/sessions.ts';
import { memory } from '../../stores/memory/state.ts';
import { SeenIds } from './seen-ids.ts';
import { hashSessionId, newSessionId } from './session-cookie.ts';

test('says of each id its own hash, however often it comes', () => {
  const seen = new SeenIds();
  const ids = [newSessionId(), newSessionId(), newSessionId()];
  for (let round = 0; round < 3; round += 1)
    for (const id of ids) assert.equal(seen.of(id), hashSessionId(id));
  assert.equal(seen.size, ids.length);
});

test('keeps no id for longer than a second after the first, though it comes again and again', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const seen = new SeenIds();
    const id = newSessionId();
    for (let round = 0; round < 3; round += 1) {
      seen.of(id);
      mock.timers.tick(900);
      seen.of(id);
      assert.equal(seen.size, 1);
      mock.timers.tick(100);
      assert.equal(seen.size, 0);
    }
  } finally {
    mock.timers.reset();
  }
});

test('made-up ids take no more room than there is, and are hashed all the same', () => {
  const seen = new SeenIds();
  for (let made = 0; made < 1100; made += 1) seen.of(newSessionId());
  assert.equal(seen.size, 1024);
  const id = newSessionId();
  assert.equal(seen.of(id), hashSessionId(id));
  assert.equal(seen.size, 1024);
});

test('a session that was ended is over at once, by this process and by another, though its id came a moment ago', async () => {
  const { sessions: store } = memory();
  const [here, there] = [new FakeSite(store), new FakeSite(store)];
  for (const by of [here, there]) {
    const browser = await signedIn(here);
    for (let page = 0; page < 3; page += 1)
      assert.equal(await look(browser, ({ principal }) => principal?.account), 'ann');
    await by.sessions.revokeAccount('ann');
    assert.equal(await look(browser, ({ principal }) => principal), undefined);
  }
});
