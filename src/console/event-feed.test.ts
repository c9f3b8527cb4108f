import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFigures } from '../audit/index/event-figures.ts';
import { EventIndex } from '../audit/index/event-index.ts';
import type { EventKind } from '../core/events.ts';
import { type CountedLayer, EventFeed, eventsOf, REQUESTS } from './event-feed.ts';

const NOW = Date.parse('2026-01-01T12:00:30Z');
const DAY = 86_400_000;

/** A layer whose counts a test moves. */
function made(): {
  readonly layer: CountedLayer & { requests: number };
  readonly say: (details: object) => void;
  readonly told: object[];
  readonly counts: Map<string, number>;
} {
  const counts = new Map<string, number>();
  const told: object[] = [];
  let watcher: ((kind: EventKind, line: string) => void) | undefined;
  const layer = {
    requests: 0,
    counts: new Map([['csrf', { refused: 0, observed: 0 }]]),
    audit: {
      counts,
      follow: (one: typeof watcher) => (watcher = one),
      write: (_kind: EventKind, details: object) => void told.push(details),
    },
  };
  const kind: EventKind = { name: 'x', level: 'info', meaning: '', details: {} };
  const say = (details: object): void => {
    counts.set('x', (counts.get('x') ?? 0) + 1);
    const time = new Date(NOW).toISOString();
    watcher?.(
      kind,
      JSON.stringify({ time, level: 'info', event: 'x', service: 'a', outcome: 'success', details }),
    );
  };
  return { layer, say, told, counts };
}

test('what a process has counted is added once, and lines are found', () => {
  const { layer, say } = made();
  const [index, figures] = [new EventIndex(':memory:'), new EventFigures(':memory:')];
  const feed = new EventFeed(layer, index, figures, 90 * DAY);
  layer.requests = 5;
  say({ n: 1 });
  feed.work(NOW);
  feed.work(NOW);
  layer.requests = 7;
  say({ n: 2 });
  feed.work(NOW + 60_000);
  const [before, now] = figures.last(60_000, 2, NOW + 60_000);
  assert.deepEqual([before?.counts.get(REQUESTS), now?.counts.get(REQUESTS)], [5, 2]);
  assert.equal(figures.last(DAY, 1, NOW)[0]?.counts.get(eventsOf('x')), 2);
  assert.equal(index.page({ event: 'x' }, 10).events.length, 2);
  feed.close();
});

test('a flood takes bounded memory, and what it pushed out is told', () => {
  const { layer, say, told } = made();
  const feed = new EventFeed(layer, new EventIndex(':memory:'), new EventFigures(':memory:'), 90 * DAY);
  for (let n = 0; n < 10_100; n += 1) say({ n });
  assert.equal(feed.health.waiting, 10_000);
  feed.work(NOW);
  assert.deepEqual(told, [{ dropped: 100, error: undefined }]);
  assert.ok(
    feed.health.waiting < 10_000 && feed.health.waiting > 0,
    'a turn writes some of it, requests come between',
  );
  feed.close();
});

test('while the database takes nothing, lines wait and counts stay to be added', () => {
  const { layer, say } = made();
  const figures = new EventFigures(':memory:');
  const index = new EventIndex(':memory:');
  let isBroken = true;
  const broken = new Proxy(index, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown;
      if (name === 'take' && isBroken)
        return () => {
          throw new Error('database is locked');
        };
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  const feed = new EventFeed(layer, broken, figures, 90 * DAY);
  layer.requests = 3;
  say({ n: 1 });
  feed.work(NOW);
  assert.deepEqual(feed.health, { waiting: 1, dropped: 0, error: 'Error' });
  isBroken = false;
  feed.work(NOW);
  assert.deepEqual(feed.health, { waiting: 0, dropped: 0, error: undefined });
  assert.equal(figures.last(60_000, 1, NOW)[0]?.counts.get(REQUESTS), 3);
  feed.close();
});

test('what is older than it is kept goes', () => {
  const { layer, say } = made();
  const [index, figures] = [new EventIndex(':memory:'), new EventFigures(':memory:')];
  const feed = new EventFeed(layer, index, figures, 90 * DAY);
  say({ n: 1 });
  feed.work(NOW);
  feed.work(NOW + 91 * DAY);
  assert.equal(index.page({}, 10).events.length, 0);
  feed.close();
});
