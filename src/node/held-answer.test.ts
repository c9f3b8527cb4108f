/** An answer that waits for the session: what comes behind it, and what it waits for in vain. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { site } from '../../test/support/request-session-site.ts';
import { memory } from '../stores/memory/state.ts';

/** A store that answers behind what an application does in the meantime. */
function slow(): ReturnType<typeof memory> {
  const state = memory();
  const { sessions } = state;
  const create = sessions.create.bind(sessions);
  sessions.create = async (record) => {
    for (let turns = 0; turns < 5; turns += 1) await turn();
    return create(record);
  };
  return state;
}

describe('an answer that is held', () => {
  test('leaves whole where the handler fails behind it, as a second answer does', async (t) => {
    const { visitor } = await site(
      t,
      {
        fails: (kept, response) => {
          kept['a'] = 1;
          response.send('order placed');
          throw new Error('made up for this test');
        },
        guard: (kept, response) => {
          kept['returnTo'] = '/guard';
          response.redirect('/login');
          response.send('a page that only members see '.repeat(20));
        },
        show: (kept, response) => response.json(kept),
      },
      { policy: { state: slow() } },
    );
    const ann = visitor();
    assert.equal(await ann.get('/fails'), '200 order placed');
    assert.equal(await ann.get('/show'), '200 {"a":1}');
    const bob = visitor();
    assert.equal(await bob.get('/guard'), '302 Found. Redirecting to /login');
    assert.equal(await bob.get('/show'), '200 {"returnTo":"/guard"}');
  });

  test('has ended for whoever asks, and a write behind the end is told by Node.js', async (t) => {
    let told: unknown;
    const { visitor } = await site(
      t,
      {
        twice: (kept, response) => {
          kept['a'] = 1;
          const before = response.writableEnded;
          response.end('first');
          kept['ended'] = [before, response.writableEnded, response.headersSent];
          response.write('second', (error) => {
            told = (error as { code?: unknown } | null | undefined)?.code;
          });
        },
        show: (kept, response) => response.json(kept),
      },
      { policy: { state: slow() } },
    );
    const ann = visitor();
    assert.equal(await ann.get('/twice'), '200 first');
    assert.equal(await ann.get('/show'), '200 {"a":1,"ended":[false,true,true]}');
    assert.equal(told, 'ERR_STREAM_WRITE_AFTER_END');
  });

  test('a value that changes between a held beginning and its end is stored too', async (t) => {
    const { visitor } = await site(
      t,
      {
        stream: (kept, response) => {
          kept['a'] = 1;
          response.write('one ');
          setImmediate(() => {
            kept['a'] = 2;
            response.end('two');
          });
        },
        show: (kept, response) => response.json(kept),
      },
      { policy: { state: slow() } },
    );
    const ann = visitor();
    assert.equal(await ann.get('/stream'), '200 one two');
    assert.equal(await ann.get('/show'), '200 {"a":2}');
  });

  test('a session that comes too late is told once for a route, and any other failure cuts the stream', async (t) => {
    const { visitor, log } = await site(t, {
      stream: (kept, response) => {
        response.write('one ');
        setImmediate(() => {
          kept['seen'] = 1;
          response.end('two');
        });
      },
      big: (kept, response) => {
        response.write('one ');
        setImmediate(() => {
          kept['seen'] = kept;
          response.end('two');
        });
      },
    });
    for (let visits = 0; visits < 2; visits += 1) {
      const ann = visitor();
      assert.equal(await ann.get('/stream'), '200 one two');
      assert.equal(ann.cookie, '');
    }
    const crashes = log.named('sys_crash').map(({ details }) => String(details?.['reason']));
    assert.equal(crashes.length, 1);
    assert.match(crashes[0] ?? '', /^req\.session was changed after the head/);
    await assert.rejects(visitor().get('/big'));
  });
});
