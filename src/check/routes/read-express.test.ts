import assert from 'node:assert/strict';
import { test } from 'node:test';
import express, { type Express, type RequestHandler } from 'express';
import * as fc from 'fast-check';
import { overlap, segmentsOf } from './addresses.ts';
import { readExpressPath } from './express-path.ts';
import type { FoundRoute } from './found-route.ts';
import { readExpress } from './read-express.ts';

const answer: RequestHandler = (_request, response) => void response.end();

/** `METHODS PATH` of the routes, and `KIND NAME PATH` of the rest. */
function show(found: readonly FoundRoute[] | undefined): readonly string[] {
  assert.ok(found !== undefined);
  return found.map(({ kind, methods, path, name }) =>
    kind === 'route' ? `${methods?.join() ?? '*'} ${path}` : `${kind} ${name} ${path}`,
  );
}

test('finds routes, those of routers below their mount path, and lists of paths one by one', () => {
  const app = express();
  app.get('/', answer);
  app.route('/notes').get(answer).post(answer);
  app.all('/anything', answer);
  app.get(['/one', '/two'], answer);
  const inner = express.Router().put('/:id', answer).get('/', answer);
  const outer = express.Router().use('/notes', inner).use(express.Router().delete('/deep', answer));
  app.use('/api/:version/', outer);
  app.use(['/a', '/b'], express.Router().get('/x', answer));
  assert.deepEqual(show(readExpress(app)), [
    'GET /',
    'GET,POST /notes',
    '* /anything',
    'GET /one',
    'GET /two',
    'PUT /api/:version/notes/:id',
    'GET /api/:version/notes',
    'DELETE /api/:version/deep',
    'GET /a/x',
    'GET /b/x',
  ]);
  assert.deepEqual(readExpress(app)?.at(5)?.addresses, [['api', '*', 'notes', '*']]);
});

test('says what stands where it cannot read: files, applications in applications, functions', () => {
  const app = express();
  app.use((_request, _response, next) => next());
  app.use('/api', function guard(_request, _response, next) {
    next();
  });
  app.use('/static', express.static('public'));
  app.use('/shop', express().get('/hidden', answer));
  // Answers to no address.
  app.use((error: Error, _request: unknown, _response: unknown, next: (error: Error) => void) => next(error));
  assert.deepEqual(show(readExpress(app)), [
    'maybe <anonymous> /',
    'maybe guard /api',
    'mount serveStatic /static',
    'mount mounted_app /shop',
  ]);
  assert.deepEqual(readExpress(app)?.at(3)?.addresses, [['shop', '**']]);
});

test('a function that says what it answers is read, and one that says something else is not', () => {
  const pages = (...routes: unknown[]): RequestHandler => Object.assign(answer.bind(undefined), { routes });
  const app = express()
    .use(pages('GET /login', 'POST /login/:step'))
    .use('/a', pages('GET /'))
    .use('/b', pages('login'));
  assert.deepEqual(show(readExpress(app)), [
    'GET /login',
    'POST /login/:step',
    'GET /a',
    'mount bound answer /b',
  ]);
  assert.deepEqual(readExpress(app)?.[1]?.addresses, [['login', '*']]);
});

test('a path that is a regular expression may be anywhere below its router', () => {
  const app = express().use('/files', express.Router().get(/^\/\d+$/, answer));
  assert.deepEqual(show(readExpress(app)), ['GET /files/^\\/\\d+$/']);
  assert.deepEqual(readExpress(app)?.[0]?.addresses, [['files', '**']]);
});

test('a router that does not tell where it is mounted may be anywhere', () => {
  const app: Express = express().use('/api', express.Router().get('/x', answer));
  const [layer] = app.router.stack as unknown as [{ rawPath?: unknown }];
  delete layer.rawPath;
  const [found] = readExpress(app) ?? [];
  assert.equal(found?.path, '?/x');
  assert.ok(found?.addresses.some((one) => one[0] === '**'));
});

test('a router inside itself comes to an end', () => {
  const router = express.Router().get('/x', answer);
  router.use('/again', router);
  assert.deepEqual(show(readExpress(router)), ['GET /x']);
});

test('anything else is no application', () => {
  for (const value of [undefined, null, {}, [], answer, 'app', { router: { stack: [] } }])
    assert.equal(readExpress(value), undefined);
});

test('reads optional parts both ways, and what it does not understand not at all', () => {
  const read = (path: string): readonly string[] | undefined =>
    readExpressPath(path)?.map((one) => `/${one.join('/')}`);
  assert.deepEqual(read('/Users/:id'), ['/users/*']);
  assert.deepEqual(read('/a{/:b{/c}}'), ['/a', '/a/*', '/a/*/c']);
  assert.deepEqual(read('/f/*path'), ['/f/*/**']);
  assert.deepEqual(read('/f/:name.:ext'), ['/f/*']);
  assert.deepEqual(read('/f/:"a name"/x'), ['/f/*/x']);
  assert.deepEqual(read('/what\\?/\\:id'), ['/what?/:id']);
  for (const path of ['/a{', '/a}', '/:', '/(x)', `/a${'{b}'.repeat(12)}`])
    assert.equal(read(path), undefined);
});

test('whatever address Express matches to a path is among those that were read', () => {
  const piece = fc.constantFrom('/a', '/b', '/:x', '/*y', '{/c}', '{/:z}', 'd', '{/a}/b', '/');
  const segment = fc.constantFrom('/a', '/b', '/c', '/d', '/ad', '/bd', '/A', '/');
  let matched = 0;
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 4 }),
      fc.array(segment, { maxLength: 5 }),
      (pieces, segments) => {
        const path = uniqueNames(`/${pieces.join('')}`.replace(/^\/+/, '/'));
        const router = express.Router().get(path, answer);
        const [layer] = router.stack as unknown as [{ match(path: string): unknown }];
        const url = segments.join('').replace(/\/{2,}/g, '/') || '/';
        if (layer.match(url) === false) return;
        matched += 1;
        const read = readExpressPath(path);
        assert.ok(
          read?.some((one) => overlap(one, segmentsOf(url))),
          `${path} ${url}`,
        );
      },
    ),
    { numRuns: 3000 },
  );
  assert.ok(matched > 100);
});

/** Express takes each name once. */
function uniqueNames(path: string): string {
  let count = 0;
  return path.replace(/([:*])[xyz]/g, (_all, kind: string) => `${kind}n${(count += 1)}`);
}
