/** Requests held to an OpenAPI document: what it does not name does not reach the application. */
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { eventOf } from '../../core/events.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { InputFault } from '../../core/input-fault.ts';
import { loadPackage } from '../../core/optional-package.ts';
import { isPlainObject } from '../../core/options.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import { readFields } from './fields.ts';
import { type DocumentRoute, DocumentRoutes } from './openapi-routes.ts';
import { VALIDATION_EVENTS, VALIDATION_PROBLEMS } from './validation.events.ts';

/** How a request is held to a document. */
export class DocumentGuard {
  readonly #document: Readonly<Record<string, unknown>>;
  readonly #routes: DocumentRoutes;
  readonly #compiled = new Map<string, ValidateFunction>();
  #ajv: Promise<Validators> | undefined;

  constructor(document: Readonly<Record<string, unknown>>) {
    this.#document = document;
    this.#routes = new DocumentRoutes(document);
  }

  /**
   * Judges it. A body is looked at where it is JSON or a form: `json` is what it was read as.
   *
   * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING where `ajv` is not installed: nothing passes then
   */
  async judge(
    exchange: Exchange,
    json: { readonly value: unknown } | undefined,
    form: () => Promise<string | undefined>,
  ): Promise<Verdict> {
    const found = this.#routes.find(exchange.request.method, exchange.path);
    if (found === undefined) return NOT_FOUND;
    if ('allow' in found)
      return {
        ...PROBLEMS.methodNotAllowed,
        detail: 'This method is not answered here.',
        headers: [['Allow', found.allow]],
        event: AT_METHOD,
      };
    const { route, params } = found;
    const ajv = await (this.#ajv ??= this.#load());
    const faults = [
      ...this.#parameters(ajv, route, 'path', params),
      ...this.#query(ajv, route, exchange.query),
    ];
    const body = await this.#body(ajv, route, exchange, json, form);
    if (body !== undefined && 'status' in body) return body;
    faults.push(...(body ?? []));
    return faults.length === 0 ? undefined : invalid(faults);
  }

  async #load(): Promise<Validators> {
    const { Ajv2020 } = await loadPackage('ajv', () => import('ajv/dist/2020.js'));
    // Words of OpenAPI are none of JSON Schema; formats are another package's.
    const options = { strict: false, validateFormats: false, allErrors: false } as const;
    const exact = new Ajv2020(options);
    // What stands in a path or a form is text, and becomes what its schema says.
    const text = new Ajv2020({ ...options, coerceTypes: 'array' });
    for (const one of [exact, text]) one.addSchema(this.#document, DOCUMENT);
    return { exact, text };
  }

  /** @param isWrapped - a text alone could not become a number in its place */
  #validator(ajv: Validators, kind: keyof Validators, pointer: string, isWrapped = false): ValidateFunction {
    const key = `${kind} ${pointer}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const schema = { $ref: `${DOCUMENT}#${pointer}` };
    const made = ajv[kind].compile(isWrapped ? { properties: { value: schema } } : schema);
    this.#compiled.set(key, made);
    return made;
  }

  #parameters(
    ajv: Validators,
    route: DocumentRoute,
    place: 'path' | 'query',
    values: Readonly<Record<string, unknown>>,
  ): readonly InputFault[] {
    const where = place === 'path' ? 'params' : 'query';
    return route.parameters[place].flatMap(({ name, required, schema }): readonly InputFault[] => {
      const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const value = values[name];
      if (value === undefined) return required ? [{ in: where, pointer, detail: 'This is missing.' }] : [];
      if (schema === undefined) return [];
      return this.#validator(ajv, 'text', schema, true)({ value })
        ? []
        : [{ in: where, pointer, detail: NOT_TAKEN }];
    });
  }

  #query(ajv: Validators, route: DocumentRoute, text: string): readonly InputFault[] {
    const known = route.parameters.query;
    const lists = known.filter(({ isList }) => isList).map(({ name }) => name);
    const fields = readFields('query', text, lists);
    if (!fields.ok) return fields.faults;
    const values = fields.value as Readonly<Record<string, unknown>>;
    const sent = Object.entries(values).filter(([, value]) => !Array.isArray(value) || value.length > 0);
    const unknown = sent.filter(([name]) => !known.some((one) => one.name === name));
    return [
      ...unknown.map(([name]) => ({ in: 'query' as const, pointer: `/${name}`, detail: NOT_TAKEN })),
      ...this.#parameters(ajv, route, 'query', Object.fromEntries(sent)),
    ];
  }

  async #body(
    ajv: Validators,
    { body }: DocumentRoute,
    exchange: Exchange,
    json: { readonly value: unknown } | undefined,
    form: () => Promise<string | undefined>,
  ): Promise<readonly InputFault[] | Refusal | undefined> {
    const { present, type = '' } = exchange.body.declared;
    if (!present)
      return body.required ? [{ in: 'body', pointer: '', detail: 'This is missing.' }] : undefined;
    const media = (/^[^;]*/.exec(type)?.[0] ?? '').trim().toLowerCase();
    const content =
      body.content.get(media) ?? body.content.get(media.replace(/\/.*/, '/*')) ?? body.content.get('*/*');
    if (content === undefined) {
      const taken = [...body.content.keys()].join(', ');
      return {
        ...PROBLEMS.bodyNotSupported,
        detail: taken === '' ? 'This takes no body.' : `This takes ${taken}.`,
        event: eventOf(VALIDATION_EVENTS.invalid, { at: ['Content-Type'] }),
      };
    }
    if (content.schema === undefined) return undefined;
    if (json !== undefined) return faultsOf(this.#validator(ajv, 'exact', content.schema), json.value);
    if (media !== 'application/x-www-form-urlencoded') return undefined;
    const fields = readFields('body', (await form()) ?? '', content.lists);
    return fields.ok ? faultsOf(this.#validator(ajv, 'text', content.schema), fields.value) : fields.faults;
  }
}

interface Validators {
  readonly exact: { compile(schema: object): ValidateFunction };
  readonly text: { compile(schema: object): ValidateFunction };
}

const DOCUMENT = 'urn:bulwark:document';
const NOT_TAKEN = 'This is not taken here.';
const AT_METHOD = eventOf(VALIDATION_EVENTS.invalid, { at: ['method'] });
const NOT_FOUND: Refusal = {
  ...PROBLEMS.notFound,
  detail: 'There is nothing at this address.',
  event: eventOf(VALIDATION_EVENTS.invalid, { at: ['path'] }),
};

/** In words of ours: those of the library may have the value in them. */
function faultsOf(validate: ValidateFunction, value: unknown): readonly InputFault[] {
  if (validate(value)) return [];
  const [error] = validate.errors ?? [];
  const params: unknown = error?.params;
  const named = isPlainObject(params)
    ? (params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'])
    : undefined;
  const pointer = `${error?.instancePath ?? ''}${typeof named === 'string' ? `/${named}` : ''}`;
  return [{ in: 'body', pointer, detail: error?.keyword === 'required' ? 'This is missing.' : NOT_TAKEN }];
}

const MOST_LOGGED = 20;

function invalid(faults: readonly InputFault[]): Refusal {
  return {
    ...VALIDATION_PROBLEMS.invalidInput,
    detail: 'Some of what was sent is not in the document of this interface. Nothing was changed.',
    faults,
    event: eventOf(VALIDATION_EVENTS.invalid, {
      at: faults.slice(0, MOST_LOGGED).map((fault) => `${fault.in}${fault.pointer}`),
    }),
  };
}
