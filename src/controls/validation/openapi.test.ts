import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as v from 'valibot';
import { type } from 'arktype';
import { z } from 'zod';
import { readSection } from '../../../test/support/read-section.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { route } from '../../adapters/input.ts';
import type { Exchange } from '../../core/exchange.ts';
import { PolicyError } from '../../core/errors.ts';
import { openApi } from './openapi.ts';
import type { OpenApiDocument } from './openapi-document.ts';
import { validationGuard } from './validation.ts';
import { validationOptions } from './validation.options.ts';

const done = (): undefined => undefined;
type Tree = { name: string; children: Tree[] };
const Tree: z.ZodType<Tree> = z.object({ name: z.string(), children: z.array(z.lazy(() => Tree)) });
const routes = {
  'POST /books/:book/notes': route(
    {
      params: z.object({ book: z.coerce.number().int().min(1) }),
      query: z.object({ draft: z.enum(['yes', 'no']).optional(), tag: z.array(z.string()) }),
      lists: ['tag'],
      body: z.object({
        title: z.string().min(1).max(10),
        parts: z.array(z.object({ n: z.int() })).optional(),
      }),
    },
    done,
  ),
  'GET /books/:book': route({ params: type({ book: 'string' }) }, done),
  'GET /books/new': route({}, done),
  'PUT /form': route({ form: type({ name: 'string>0', 'age?': 'string.integer' }) }, done),
  'POST /loose': route({ body: z.looseObject({ a: z.string() }) }, done),
  'POST /tree': route({ body: Tree }, done),
  'POST /both': route(
    { body: z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })) },
    done,
  ),
};
const DOCUMENT: OpenApiDocument = openApi({
  title: 'Books',
  version: '1',
  server: 'https://example.com/v1',
  routes,
});

function sent(line: string, body?: unknown, type_ = 'application/json'): Exchange {
  const [method = '', target = ''] = line.split(' ', 2);
  const [path = '', query = ''] = target.split('?', 2);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers =
    body === undefined ? {} : { 'content-type': type_, 'content-length': String(Buffer.byteLength(text)) };
  const exchange = sketchExchange({ method, headers, ...(body !== undefined && { body: text }) });
  return Object.assign(exchange, { path: `/v1${path}`, query });
}

async function verdict(exchange: Exchange, openapi: unknown = DOCUMENT): Promise<string> {
  const guard = validationGuard(readSection('validation', validationOptions, { openapi: openapi as never }));
  const refusal = await guard.onRequest?.(exchange);
  if (refusal === undefined) return 'taken';
  const { status, faults = [] } = refusal;
  return [status, ...faults.map((fault) => `${fault.in}${fault.pointer}`)].join(' ');
}

test('a document says of each route what its schemas take, and that they take no more', () => {
  assert.equal(DOCUMENT.openapi, '3.1.1');
  assert.deepEqual(Object.keys(DOCUMENT.paths), [
    '/books/{book}/notes', '/books/{book}', '/books/new', '/form', '/loose', '/tree', '/both',
  ]); // prettier-ignore
  const { post } = DOCUMENT.paths['/books/{book}/notes'] as { post: Record<string, unknown> };
  assert.deepEqual(post['parameters'], [
    {
      name: 'book',
      in: 'path',
      required: true,
      schema: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    },
    { name: 'draft', in: 'query', required: false, schema: { type: 'string', enum: ['yes', 'no'] } },
    { name: 'tag', in: 'query', required: false, schema: { type: 'array', items: { type: 'string' } } },
  ]);
  const text = JSON.stringify(DOCUMENT);
  assert.ok(!text.includes('$defs') && !text.includes('$schema'));
  // Every reference leads somewhere.
  for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    assert.ok(name in DOCUMENT.components.schemas, name);
});

test('a document is one by the schema of OpenAPI 3.1, and its schemas are by that of JSON Schema', () => {
  const { schema } = JSON.parse(readFileSync('test/vectors/openapi/schema-3.1.json', 'utf8')) as {
    schema: object;
  };
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const isDocument = ajv.compile(schema);
  assert.ok(isDocument(DOCUMENT), ajv.errorsText(isDocument.errors));
  let ran = 0;
  for (const found of schemasIn(DOCUMENT)) {
    assert.ok(ajv.validateSchema(found), `${JSON.stringify(found)}: ${ajv.errorsText()}`);
    ran += 1;
  }
  assert.ok(ran >= 15, `${ran}`);
  for (const broken of [
    { ...DOCUMENT, openapi: '3.0.0' },
    { ...DOCUMENT, info: { title: 'Books' } },
    { ...DOCUMENT, paths: { books: {} } },
    { ...DOCUMENT, paths: { '/books': { get: { parameters: [{ name: 'a', in: 'body' }] } } } },
  ])
    assert.ok(!isDocument(broken), JSON.stringify(broken).slice(0, 40));
});

/** Every Schema Object of a document: those with a name, of parameters, and of bodies. */
function schemasIn(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => {
    if (name === 'schema') return [one as object];
    return name === 'schemas' ? Object.values(one as object) : schemasIn(one);
  });
}

/** What the document takes, and the guard lets through, and what neither does. */
const REQUESTS: readonly (readonly [expected: string, line: string, body?: unknown, type?: string])[] = [
  ['taken', 'POST /books/7/notes?draft=yes&tag=a&tag=b', { title: 'a', parts: [{ n: 1 }] }],
  ['taken', 'POST /books/7/notes', { title: 'a' }],
  ['422 params/book', 'POST /books/x/notes', { title: 'a' }],
  ['422 params/book', 'POST /books/0/notes', { title: 'a' }],
  ['422 query/draft', 'POST /books/7/notes?draft=maybe', { title: 'a' }],
  ['422 query/draft', 'POST /books/7/notes?draft=yes&draft=no', { title: 'a' }],
  ['422 query/other', 'POST /books/7/notes?other=1', { title: 'a' }],
  ['422 body/title', 'POST /books/7/notes', {}],
  ['422 body/title', 'POST /books/7/notes', { title: '' }],
  ['422 body/role', 'POST /books/7/notes', { title: 'a', role: 'admin' }],
  ['422 body/parts/0/m', 'POST /books/7/notes', { title: 'a', parts: [{ n: 1, m: 1 }] }],
  ['422 body/parts/0/n', 'POST /books/7/notes', { title: 'a', parts: [{ n: '1' }] }],
  ['422 body', 'POST /books/7/notes'],
  ['415', 'POST /books/7/notes', 'title=a', 'application/x-www-form-urlencoded'],
  ['415', 'POST /books/7/notes', '<a/>', 'text/xml'],
  ['400', 'POST /books/7/notes', '{"title":"a","title":"b"}'],
  ['404', 'GET /admin'],
  ['404', 'GET /books/7/'],
  ['404', 'GET /books/7/notes/8'],
  ['405', 'GET /books/7/notes'],
  ['405', 'DELETE /books/7'],
  ['taken', 'GET /books/7'],
  ['taken', 'HEAD /books/7'],
  ['taken', 'GET /books/new'],
  ['415', 'GET /books/7', {}],
  ['taken', 'PUT /form', 'name=a&age=3', 'application/x-www-form-urlencoded; charset=utf-8'],
  ['422 body/name', 'PUT /form', 'age=3', 'application/x-www-form-urlencoded'],
  ['422 body/role', 'PUT /form', 'name=a&role=b', 'application/x-www-form-urlencoded'],
  ['taken', 'POST /loose', { a: 'b', c: 'd' }],
  ['taken', 'POST /tree', { name: 'a', children: [{ name: 'b', children: [] }] }],
  ['422 body/children/0/role', 'POST /tree', { name: 'a', children: [{ name: 'b', children: [], role: 1 }] }],
  ['taken', 'POST /both', { a: '1', b: '2' }],
  ['422 body/c', 'POST /both', { a: '1', b: '2', c: '3' }],
];

test('v5.0.0-2.2.1 (in part) a request outside of the document is refused before the application, and one within is not', async () => {
  for (const [expected, line, body, type_] of REQUESTS)
    assert.equal(await verdict(sent(line, body, type_)), expected, `${line} ${JSON.stringify(body)}`);
  // Without a document they are the application's.
  const plain = validationGuard(readSection('validation', validationOptions, {}));
  assert.equal(await plain.onRequest?.(sent('GET /admin')), undefined);
});

test('says what a method is, and nothing of values', async () => {
  const guard = validationGuard(readSection('validation', validationOptions, { openapi: DOCUMENT as never }));
  const refusal = await guard.onRequest?.(sent('DELETE /books/7'));
  assert.deepEqual(refusal?.headers, [['Allow', 'GET']]);
  const other = await guard.onRequest?.(sent('POST /books/7/notes', { title: 'hunter2 hunter2' }));
  assert.ok(other?.status === 422 && !JSON.stringify(other).includes('hunter2'));
});

test('documents of other hands: 3.0, references, parameters of a path, types by range', async () => {
  const other = {
    openapi: '3.0.3',
    paths: {
      '/a/{id}': {
        parameters: [{ $ref: '#/components/parameters/Id' }],
        put: { requestBody: { $ref: '#/components/requestBodies/Any' }, responses: {} },
        get: {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'boolean' } }],
          responses: {},
        },
      },
    },
    components: {
      parameters: {
        Id: { name: 'id', in: 'path', required: true, schema: { $ref: '#/components/schemas/Id' } },
      },
      schemas: { Id: { type: 'integer' } },
      requestBodies: {
        Any: { content: { 'image/*': {}, 'application/json': { schema: { type: 'object' } } } },
      },
    },
  };
  const ask = async (line: string, body?: unknown, type_?: string): Promise<string> => {
    const exchange = sent(line, body, type_);
    exchange.path = exchange.path.slice(3);
    return await verdict(exchange, other);
  };
  assert.equal(await ask('PUT /a/1'), 'taken');
  assert.equal(await ask('PUT /a/1', 'x', 'image/png'), 'taken');
  assert.equal(await ask('PUT /a/1', []), '422 body');
  assert.equal(await ask('PUT /a/x'), '422 params/id');
  assert.equal(await ask('GET /a/true'), 'taken');
  assert.equal(await ask('GET /a/1x'), '422 params/id');
});

test('what is no document is refused at the start, in words', () => {
  for (const [openapi, words] of [
    [{}, /3\.0 or 3\.1/],
    [{ openapi: '2.0', paths: {} }, /3\.0 or 3\.1/],
    [{ openapi: '3.1.0', paths: { '/a': { $ref: '#/nowhere' } } }, /object at \/nowhere/],
    [{ openapi: '3.1.0', paths: { '/a': { $ref: 'other.json' } } }, /must lead to a part of it/],
    ['/nowhere/openapi.json', /can be read/],
    [7, /an OpenAPI document/],
  ] as const)
    assert.throws(
      () => readSection('validation', validationOptions, { openapi: openapi as never }),
      (error) => error instanceof PolicyError && words.test(error.message),
      JSON.stringify(openapi),
    );
});

test('a schema that cannot be said as JSON Schema is told with its route', () => {
  const open = (name: string, handler: (...given: never[]) => unknown): unknown =>
    openApi({ title: 'a', version: '1', routes: { [name]: handler } });
  assert.throws(
    () => open('POST /a', route({ body: v.object({ a: v.string() }) }, done)),
    /POST \/a.*valibot/s,
  );
  assert.throws(() => open('POST /a', route({ body: z.object({ a: z.date() }) }, done)), /POST \/a/);
  assert.throws(() => open('POST /a', done), /made by route/);
  assert.throws(() => open('POST a', route({}, done)), /a method and a path/);
});
