import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Context, Hono } from 'hono';
import { overlap, segmentsOf } from './addresses.ts';
import { readHono, readHonoPath } from './read-hono.ts';

const answer = (context: Context): Response => context.text('x');

function show(app: unknown): readonly string[] | undefined {
  return readHono(app)?.map(({ kind, methods, path, name }) =>
    kind === 'route' ? `${methods?.join() ?? '*'} ${path}` : `${kind} ${name} ${path}`,
  );
}

test('finds routes, those of applications below their path, and tells middleware apart', () => {
  const app = new Hono();
  app.use(async function everywhere(_context, next) {
    await next();
  });
  app.use('/api/*', async (_context, next) => next());
  app.get('/', answer);
  app.get('/notes/:id', async (_context, next) => next(), answer);
  app.all('/anything', answer);
  const inner = new Hono().post('/:id', answer).use('/*', async (_context, next) => next());
  inner.onError((_error, context) => context.text('no', 500));
  app.route('/api/notes', inner);
  assert.deepEqual(show(app), [
    'maybe everywhere /*',
    'maybe <anonymous> /api/*',
    'GET /',
    'GET /notes/:id',
    '* /anything',
    'POST /api/notes/:id',
    'maybe <anonymous> /api/notes/*',
  ]);
});

test('reads what a function says that it answers', () => {
  const pages = Object.assign(async (_context: Context, next: () => Promise<void>) => next(), {
    routes: ['GET /login', 'POST /login'],
  });
  const app = new Hono().use(pages).get('/', answer);
  assert.deepEqual(show(app), ['GET /login', 'POST /login', 'GET /']);
});

test('anything else is no application', () => {
  for (const value of [undefined, null, {}, { routes: [] }, { fetch: answer }, answer])
    assert.equal(readHono(value), undefined);
});

test('reads expressions that may match slashes as more than one segment', () => {
  const read = (path: string): readonly string[] => readHonoPath(path).map((one) => `/${one.join('/')}`);
  assert.deepEqual(read('/posts/:id{[0-9]{2,4}}'), ['/posts/*']);
  assert.deepEqual(read('/posts/:name{.+\\.png}'), ['/posts/*/**']);
  assert.deepEqual(read('/animals/:kind?'), ['/animals/*', '/animals']);
  assert.deepEqual(read('/a/*/b/*'), ['/a/*/b/**']);
});

test('whatever address Hono matches to a path is among those that were read', () => {
  const piece = fc.constantFrom('/a', '/b', '/:x', '/*', '/:y{[ab]+}', '/:z{.+}');
  const last = fc.constantFrom('', '/*', '/:o?');
  const segment = fc.constantFrom('/a', '/b', '/c', '/ab');
  let matched = 0;
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 3 }),
      last,
      fc.array(segment, { maxLength: 5 }),
      (pieces, end, segments) => {
        let count = 0;
        const path = `${pieces.join('')}${end}`.replace(/:[xyz]/g, () => `:n${(count += 1)}`) || '/';
        const url = segments.join('') || '/';
        const app = new Hono().get(path, answer);
        let found: unknown[];
        try {
          [found] = app.router.match('GET', url) as unknown as [unknown[]];
        } catch {
          // A path that its router does not take.
          return;
        }
        if (found.length === 0) return;
        matched += 1;
        assert.ok(
          readHonoPath(path).some((one) => overlap(one, segmentsOf(url))),
          `${path} ${url}`,
        );
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(matched > 100);
});
