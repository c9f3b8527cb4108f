/** An OpenAPI 3.1 document of what routes take, written from their schemas: what is documented is what is judged. */
import { BulwarkError } from '../../core/errors.ts';
import { isPlainObject } from '../../core/options.ts';
import type { InputShapes } from './input.ts';
import type { StandardSchema } from './standard-schema.ts';

/** A JSON Schema, or a part of a document. */
type Json = Readonly<Record<string, unknown>>;

/** One route of a document. */
export interface DocumentedRoute {
  /** Such as `POST /books/:book/notes`. */
  readonly name: string;
  readonly shapes: InputShapes;
}

/** A document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string };
  readonly servers?: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Json>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);

/**
 * Writes it.
 *
 * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where a route is none, or a schema cannot say what it takes
 */
export function writeOpenApi(
  info: { readonly title: string; readonly version: string; readonly server?: string | undefined },
  routes: readonly DocumentedRoute[],
): OpenApiDocument {
  const schemas: Record<string, unknown> = { Problem: PROBLEM };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { name, shapes } of routes) {
    const [method, path] = readName(name);
    const id = `${method}${path.replaceAll(/[^\w]+/g, '-')}`.replace(/-$/, '');
    const schemaOf = (part: string, schema: StandardSchema): Json =>
      hoisted(closed(jsonSchemaOf(schema, name)), `${id}-${part}`, schemas);
    (paths[path] ??= {})[method] = operationOf(id, path, shapes, schemaOf);
  }
  const { title, version, server } = info;
  return {
    openapi: '3.1.1',
    info: { title, version },
    ...(server !== undefined && { servers: [{ url: server }] }),
    paths,
    components: { schemas },
  };
}

function readName(name: string): readonly [method: string, path: string] {
  const match = /^([A-Z]+) (\/[^?#\s]*)$/.exec(name);
  const method = match?.[1]?.toLowerCase() ?? '';
  if (match === null || !METHODS.has(method))
    throw unfit(`openApi: ${name}: it must be a method and a path, such as 'POST /books/:book/notes'`);
  // As Express, Fastify and Hono write parameters; patterns behind them are theirs.
  return [method, (match[2] ?? '').replaceAll(/:(\w+)(?:\{[^}]*\}|\([^)]*\))?/g, '{$1}')];
}

function operationOf(
  operationId: string,
  path: string,
  { body, form, query, params, lists = [] }: InputShapes,
  schemaOf: (part: string, schema: StandardSchema) => Json,
): Json {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const known = params === undefined ? {} : fieldsOf(schemaOf('params', params));
  const parameters = [
    // Each is there, whatever is said of it: a path without it is another one.
    ...inPath.map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: known[name]?.schema ?? { type: 'string' },
    })),
    ...Object.entries(query === undefined ? {} : fieldsOf(schemaOf('query', query))).map(([name, field]) => ({
      name,
      in: 'query',
      required: field.required && !lists.includes(name),
      schema: field.schema,
    })),
  ];
  const content = {
    ...(body && { 'application/json': { schema: schemaOf('body', body) } }),
    ...(form && { 'application/x-www-form-urlencoded': { schema: schemaOf('form', form) } }),
  };
  return {
    operationId,
    ...(parameters.length > 0 && { parameters }),
    ...(Object.keys(content).length > 0 && { requestBody: { required: true, content } }),
    responses: {
      '2XX': { description: 'It was done.' },
      '4XX': {
        description: 'It was not done, and why.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

/** RFC 9457, with what a 422 lists. */
const PROBLEM: Json = {
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { in: { type: 'string' }, pointer: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
};

function jsonSchemaOf(schema: StandardSchema, route: string): Json {
  const { vendor, jsonSchema } = schema['~standard'];
  let said: unknown;
  try {
    said = jsonSchema?.input({ target: 'draft-2020-12' });
  } catch (error) {
    throw unfit(`openApi: ${route}: a schema has a part that JSON Schema has no word for`, error);
  }
  if (isPlainObject(said)) return said;
  const more = vendor === 'valibot' ? ': wrap it by toStandardJsonSchema of @valibot/to-json-schema' : '';
  throw unfit(`openApi: ${route}: its library (${vendor}) does not say its schema as JSON Schema${more}`);
}

/** Where a schema is refused fields that it does not name, the document says so. */
function closed(schema: Json, isPart = false): Json {
  const entries = Object.entries(schema).map(([word, value]): [string, unknown] => {
    if (MAPS.has(word) && isPlainObject(value))
      return [
        word,
        Object.fromEntries(Object.entries(value).map(([name, one]) => [name, closedOne(one, false)])),
      ];
    if (LISTS.has(word) && Array.isArray(value)) return [word, value.map((one) => closedOne(one, true))];
    return [word, ONES.has(word) ? closedOne(value, false) : value];
  });
  const isOpen = isPart || 'additionalProperties' in schema || !('properties' in schema || 'allOf' in schema);
  return Object.fromEntries(isOpen ? entries : [...entries, ['unevaluatedProperties', false]]);
}

function closedOne(value: unknown, isPart: boolean): unknown {
  return isPlainObject(value) ? closed(value, isPart) : value;
}

const MAPS = new Set(['properties', 'patternProperties', '$defs', 'dependentSchemas']);
const ONES = new Set(['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains']);
/** Parts of one whole: what one does not name another may. */
const LISTS = new Set(['allOf', 'prefixItems']);

/** References within a schema lead within the document: what they lead to is moved to its components. */
function hoisted(schema: Json, id: string, components: Record<string, unknown>): Json {
  let isOwn = false;
  const at = (name: string): string => `#/components/schemas/${name}`;
  const moved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(moved);
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([word, one]): [string, unknown][] => {
        if (word === '$schema' || word === '$defs' || word === '$id') return [];
        if (word !== '$ref' || typeof one !== 'string') return [[word, moved(one)]];
        isOwn ||= one === '#';
        const name = /^#\/\$defs\/([\w.-]+)/.exec(one)?.[1];
        return [[word, one === '#' ? at(id) : name === undefined ? one : at(`${id}-${name}`)]];
      }),
    );
  };
  for (const [name, one] of Object.entries(isPlainObject(schema['$defs']) ? schema['$defs'] : {}))
    components[`${id}-${name}`] = moved(one);
  const whole = moved(schema) as Json;
  if (!isOwn) return whole;
  components[id] = whole;
  return { $ref: at(id) };
}

function fieldsOf(
  schema: Json,
): Readonly<Record<string, { readonly schema: unknown; readonly required: boolean }>> {
  const { properties, required } = schema;
  if (!isPlainObject(properties)) return {};
  const needed = Array.isArray(required) ? (required as readonly unknown[]) : [];
  return Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [name, { schema: one, required: needed.includes(name) }]),
  );
}

function unfit(message: string, cause?: unknown): BulwarkError {
  return new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', message, { cause });
}
