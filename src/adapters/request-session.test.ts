/** `req.session` by the layer: who signs in by it, and what of it is the layer's. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Act, sessionOf, site } from '../../test/support/request-session-site.ts';
import { memory } from '../stores/memory/state.ts';
import { bulwark } from './express.ts';

/** As passport 0.7 signs in and out: sessionmanager.js. */
const PASSPORT: Readonly<Record<string, Act>> = {
  in: (kept, response, request) => {
    kept.regenerate(() => {
      const anew = sessionOf(request);
      anew['passport'] = {
        user: JSON.parse(new URL(request.url, 'http://x').searchParams.get('as') ?? '') as unknown,
      };
      anew.save((error) => (error ? response.end((error as Error).message) : response.redirect('/who')));
    });
  },
  out: (kept, response, request) => {
    delete (kept['passport'] as { user?: unknown }).user;
    kept.save(() =>
      kept.regenerate(() => {
        sessionOf(request)['flash'] = { info: ['You are logged out'] };
        response.end('out');
      }),
    );
  },
  refused: (kept, response) => {
    delete (kept['passport'] as { user?: unknown }).user;
    response.end('refused');
  },
  cart: (kept, response) => {
    kept['cart'] = ['book'];
    response.end('kept');
  },
  who: (kept, response, request) => response.json([kept, bulwark.of(request).principal?.account ?? null]),
};

describe('who signs in by passport is signed in by the layer', () => {
  test('under a new id, without what stood there before, and out again', async (t) => {
    const { visitor, log } = await site(t, PASSPORT);
    const ann = visitor();
    await ann.get('/cart');
    const planted = ann.cookie;
    assert.notEqual(planted, '');
    await ann.get('/in?as=7');
    assert.notEqual(ann.cookie, planted);
    assert.equal(await ann.get('/who'), '200 [{"passport":{"user":7}},"7"]');
    const before = visitor();
    before.cookie = planted;
    assert.equal(await before.get('/who'), '200 [{},null]', 'the planted id opens nothing');
    const signedIn = ann.cookie;
    await ann.get('/out');
    assert.equal(await ann.get('/who'), '200 [{"flash":{"info":["You are logged out"]}},null]');
    before.cookie = signedIn;
    assert.equal(await before.get('/who'), '200 [{},null]');
    const accounts = log.named('session_created').map(({ account }) => account);
    assert.deepEqual(
      accounts.filter((account) => account !== undefined),
      ['7'],
    );
  });

  test('whom deserializeUser finds no more is signed out, whatever else was kept', async (t) => {
    const { visitor } = await site(t, PASSPORT, {
      policy: { routes: { '/refused': { require: 'signed-in' } } },
    });
    const ann = visitor();
    await ann.get('/in?as={"id":"a-7"}');
    await ann.get('/cart');
    assert.equal(await ann.get('/who'), '200 [{"passport":{"user":{"id":"a-7"}},"cart":["book"]},"a-7"]');
    assert.equal(await ann.get('/refused'), '200 refused');
    assert.match(await ann.get('/refused'), /^401 /);
    assert.equal(await ann.get('/who'), '200 [{"cart":["book"]},null]');
  });

  test('another account takes nothing over, and one that nobody can name is none', async (t) => {
    const { visitor } = await site(t, PASSPORT);
    const ann = visitor();
    await ann.get('/in?as="ann"');
    await ann.get('/cart');
    await ann.get('/in?as="bob"');
    assert.equal(await ann.get('/who'), '200 [{"passport":{"user":"bob"}},"bob"]');
    assert.match(await ann.get('/in?as={"name":"eve"}'), /^500 /);
    assert.equal(await ann.get('/who'), '200 [{},null]', 'and its regenerate ended who was there');
  });

  test('an object with more than an id is none: of two kinds of users, two would be one', async (t) => {
    const { visitor } = await site(t, PASSPORT, { policy: { errors: { mode: 'off' } } });
    for (const kept of ['{"id":1,"type":"user"}', '{"_id":1,"id":2}', '{"name":"1"}', '["1"]', '{"id":{}}']) {
      const ann = visitor();
      assert.match(await ann.get(`/in?as=${kept}`), /names no account/);
      assert.equal(await ann.get('/who'), '200 [{},null]');
    }
  });

  test('a sign-in again keeps what the layer has of the account, and no other account gets it', async (t) => {
    const { visitor, log } = await site(t, {
      ...PASSPORT,
      held: async (_kept, response, request) => {
        await bulwark.of(request).session.set('bulwark.held-request', 'x');
        response.end();
      },
      layers: (_kept, response, request) =>
        response.json(bulwark.of(request).session.get('bulwark.held-request') ?? null),
    });
    const ann = visitor();
    await ann.get('/in?as=7');
    await ann.get('/held');
    await ann.get('/in?as=7');
    assert.equal(await ann.get('/layers'), '200 "x"');
    await ann.get('/in?as=8');
    assert.equal(await ann.get('/layers'), '200 null');
    assert.equal(log.named('session_expired').length, 2);
  });

  test('what scripts kept is cleared where somebody is out at the end, and not by a new id', async (t) => {
    const { visitor } = await site(t, {
      ...PASSPORT,
      anew: (kept, response) => {
        kept.regenerate(() => response.end('anew'));
      },
    });
    const ann = visitor();
    await ann.get('/in?as=7');
    await ann.get('/in?as=7');
    assert.equal(ann.cleared, null);
    await ann.get('/anew');
    assert.equal(ann.cleared, '"storage"');
    assert.equal(ann.cookie, '');
    await ann.get('/cart');
    await ann.get('/anew');
    assert.equal(ann.cleared, null);
  });

  test('a visitor gets another id by regenerate, and whom passport keeps without a sign-in is nobody', async (t) => {
    const { visitor } = await site(t, {
      ...PASSPORT,
      anew: (kept, response) => {
        kept.regenerate(() => response.end('anew'));
      },
      forge: async (_kept, response, request) => {
        await bulwark.of(request).session.set('passport', { user: 7 });
        response.end();
      },
    });
    const ann = visitor();
    await ann.get('/cart');
    const planted = ann.cookie;
    await ann.get('/anew');
    assert.notEqual(ann.cookie, planted);
    await ann.get('/forge');
    assert.equal(await ann.get('/who'), '200 [{},null]');
  });

  test('who is signed out behind the answer is signed out all the same', async (t) => {
    const { visitor } = await site(t, {
      ...PASSPORT,
      destroyed: (kept, response) => {
        response.end('sent');
        kept.destroy();
      },
      logged: (kept, response) => {
        response.end('sent');
        kept['passport'] = {};
        kept.save();
      },
    });
    for (const path of ['/destroyed', '/logged']) {
      const ann = visitor();
      await ann.get('/in?as=7');
      assert.equal(await ann.get(path), '200 sent');
      assert.match(await ann.get('/who'), / \[\{\},null\]$/);
    }
  });

  test('a session that an operator ended opens nothing', async (t) => {
    const { visitor, layer } = await site(t, PASSPORT);
    const ann = visitor();
    await ann.get('/in?as=7');
    assert.equal(await layer.sessions.revokeAccount('7'), 1);
    assert.equal(await ann.get('/who'), '200 [{},null]');
  });
});

describe('what is of the layer', () => {
  test('a visitor of whom packages keep nothing begins no session', async (t) => {
    const { visitor } = await site(t, {
      flash: (kept, response) => {
        kept['flash'] = kept['flash'] ?? {};
        kept['messages'] = [];
        response.end('empty');
      },
    });
    const ann = visitor();
    await ann.get('/flash');
    assert.equal(ann.cookie, '');
  });

  test('names of the layer are hidden, and stay', async (t) => {
    const { visitor } = await site(t, {
      keep: async (_kept, response, request) => {
        await bulwark.of(request).session.set('bulwark.held-request', 'x');
        response.end();
      },
      anew: (kept, response, request) => {
        kept['a'] = 1;
        kept.regenerate(() => response.json(sessionOf(request)));
      },
      show: (kept, response, request) =>
        response.json([kept, bulwark.of(request).session.get('bulwark.held-request') ?? null]),
    });
    const ann = visitor();
    await ann.get('/keep');
    assert.equal(await ann.get('/anew'), '200 {}');
    assert.equal(await ann.get('/show'), '200 [{},"x"]');
  });

  test('a value called __proto__ is a value, and changes nothing of the session', async (t) => {
    const { visitor } = await site(t, {
      set: (kept, response) => {
        kept['__proto__'] = { admin: true };
        response.json([kept['admin'] ?? null, typeof kept.save, typeof kept['hasOwnProperty']]);
      },
      show: (kept, response) => response.json([kept['admin'] ?? null, Object.entries(kept)]),
    });
    const ann = visitor();
    assert.equal(await ann.get('/set'), '200 [null,"function","function"]');
    assert.equal(await ann.get('/show'), '200 [null,[["__proto__",{"admin":true}]]]');
  });

  test('an id, a life and a store that are not there say so', async (t) => {
    const { visitor } = await site(t, {
      id: (kept, response) => response.end(String(kept['id'])),
      cookie: (kept) => {
        kept['cookie'] = {};
      },
      sessionID: (_kept, response, request) =>
        response.end((request as unknown as { readonly sessionID: string }).sessionID),
    });
    for (const path of ['/id', '/cookie', '/sessionID']) assert.match(await visitor().get(path), /^500 /);
  });

  test('a new id that could not be emptied is given to nobody', async (t) => {
    const state = memory();
    const { visitor } = await site(
      t,
      {
        keep: (kept, response) => {
          kept['pending'] = 'mallory';
          response.end();
        },
        anew: (kept, response) => {
          t.mock.method(state.sessions, 'update', () => {
            throw new Error('made up');
          });
          kept.regenerate((error) => response.end((error as Error).message));
        },
      },
      { policy: { state } },
    );
    const ann = visitor();
    await ann.get('/keep');
    assert.equal(await ann.get('/anew'), '200 made up');
    assert.equal(ann.cookie, '');
  });

  test('a change that cannot be stored is an error, and the answer that said it was is not sent', async (t) => {
    const { visitor } = await site(
      t,
      {
        big: (kept, response) => {
          kept['big'] = 'x'.repeat(300_000);
          response.redirect('/stored');
        },
        round: (kept, response) => {
          kept['round'] = kept;
          response.end('stored');
        },
      },
      { policy: { errors: { mode: 'off' } } },
    );
    for (const path of ['/big', '/round']) {
      const ann = visitor();
      assert.match(await ann.get(path), /^500 (?!.*stored)/);
      assert.equal(ann.location, null);
    }
  });
});
