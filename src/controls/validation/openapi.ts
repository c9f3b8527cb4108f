/** Documents of what routes take, by the handlers that were made of their schemas. */
import { call, fields, type Fit, maybe, name } from '../../core/call.ts';
import { BulwarkError } from '../../core/errors.ts';
import type { InputShapes } from './input.ts';
import { type OpenApiDocument, writeOpenApi } from './openapi-document.ts';

/** By the handlers that `route` has made. */
const SHAPES = new WeakMap<object, InputShapes>();

/** Notes what a handler takes. */
export function documentShapes(handler: object, shapes: InputShapes): void {
  SHAPES.set(handler, shapes);
}

/** What an OpenAPI document is written of. */
export interface OpenApiInit {
  readonly title: string;
  /** Of your interface. */
  readonly version: string;
  /** Where it is, such as `https://api.example.com/v1`. */
  readonly server?: string;
  /** By method and path, as your router has it, what `route` has made: `{ 'POST /books/:book/notes': addNote }`. */
  readonly routes: Readonly<Record<string, (...given: never[]) => unknown>>;
}

/**
 * An OpenAPI 3.1 document of what routes take, from the schemas that judge them: fields that no schema names are not taken there
 * either.
 *
 * @example
 * ```ts
 * app.get('/openapi.json', (_request, response) => response.json(openApi({ title: 'Books', version: '1', routes })));
 * ```
 * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where a handler was not made by `route`, or a schema does not say what it
 *   takes as JSON Schema (zod 4 and arktype do; valibot by @valibot/to-json-schema)
 */
export function openApi(init: OpenApiInit): OpenApiDocument {
  checkOpenApi(init);
  const { title, version, server, routes } = init;
  const documented = Object.entries(routes).map(([name, handler]) => {
    const shapes = SHAPES.get(handler);
    if (shapes !== undefined) return { name, shapes };
    throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', `openApi: ${name}: it must be made by route(...)`);
  });
  return writeOpenApi({ title, version, server }, documented);
}

const handlers: Fit = (value) =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((one) => typeof one === 'function')
    ? undefined
    : { path: '', reason: 'it must be an object of handlers by method and path' };
const checkOpenApi = call("openApi({ title: 'Books', version: '1', routes: { 'POST /notes': addNote } })", {
  init: fields<OpenApiInit>({ title: name, version: name, server: maybe(name), routes: handlers }),
});
