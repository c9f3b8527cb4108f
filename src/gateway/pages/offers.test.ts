import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accepting, type OfferParts, offersOf, oneLine } from './offers.ts';
import type { SeenCode } from './seen-code.ts';

const NONE = { 'script-src': {}, 'style-src': {} };

function seen(source: string, more: Partial<SeenCode> = {}): SeenCode {
  return {
    directive: 'script-src',
    source,
    text: `code of ${source}`,
    characters: 10,
    answers: 5,
    reflected: 0,
    sent: false,
    clients: ['a', 'b'],
    paths: ['/'],
    first: 1,
    last: 2,
    ...more,
  };
}

function standings(parts: Partial<OfferParts>): Readonly<Record<string, string>> {
  const offers = offersOf({ seen: [], templates: [], accepted: NONE, clients: 2, ...parts });
  return Object.fromEntries(offers.map(({ source, standing }) => [source, standing]));
}

test('is offered what several clients had and nobody sent, and all else has its reason', () => {
  const all = [
    seen('own'),
    seen('rare', { clients: ['a'] }),
    seen('sent', { sent: true, clients: ['a', 'b', 'c'] }),
    seen('reflected', { reflected: 5, clients: [] }),
    seen('data:'),
    seen('onclick', { directive: 'attribute' }),
    seen('had'),
  ];
  assert.deepEqual(standings({ seen: all, accepted: { ...NONE, 'script-src': { had: '' } } }), {
    own: 'offered',
    rare: 'rare',
    sent: 'sent',
    reflected: 'reflected',
    'data:': 'unsafe',
    onclick: 'attribute',
    had: 'accepted',
  });
  assert.equal(standings({ seen: [seen('rare', { clients: ['a'] })], clients: 1 })['rare'], 'offered');
});

test("what stands in a template is its author's, whoever sent the same, and needs not be seen", () => {
  const template = { file: 'base.html', directive: 'script-src', text: 'code' } as const;
  const parts = {
    seen: [seen('sent', { sent: true }), seen('data:')],
    templates: [
      { ...template, source: 'sent' },
      { ...template, source: 'unseen' },
      { ...template, source: undefined },
    ],
  };
  assert.deepEqual(standings(parts), { sent: 'offered', unseen: 'offered', 'data:': 'unsafe' });
});

test('what is accepted is noted with its word, and what was there stays', () => {
  const offers = offersOf({
    seen: [
      seen("'sha256-a'", { text: 'a()\n\u001b[31m  b()' }),
      seen("'self'"),
      seen('x', { directive: 'attribute' }),
    ],
    templates: [],
    accepted: NONE,
    clients: 2,
  });
  assert.deepEqual(accepting({ 'script-src': { had: 'before' }, 'style-src': {} }, offers), {
    'script-src': { had: 'before', "'sha256-a'": 'a() [31m b()', "'self'": 'files from there' },
    'style-src': {},
  });
});

test('a text of a page is one line, and turns no terminal', () => {
  assert.equal(oneLine('a\r\n\tb\u001b]0;title\u0007\u202ec\u200b'), 'a b ]0;title c');
});
