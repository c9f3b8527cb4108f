/** What a route takes, by schemas, and what a request brings of it. */
import { BulwarkError } from '../../core/errors.ts';
import { eventOf } from '../../core/events.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { InputFault } from '../../core/input-fault.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { showSize } from '../../core/readers.ts';
import type { Refusal } from '../../core/verdict.ts';
import { readFields } from './fields.ts';
import { type InputSchema, type JudgedInput, judgeInput, readSchema } from './judge-input.ts';
import type { OutputOf, StandardSchema } from './standard-schema.ts';
import { readStrictJson } from './strict-json.ts';
import { isJson, JSON_BODY } from './validation.ts';
import { VALIDATION_EVENTS, VALIDATION_PROBLEMS } from './validation.events.ts';
import type { ValidationSettings } from './validation.options.ts';

/** What a route takes: schemas of any library that speaks Standard Schema, such as zod, valibot and arktype. */
export interface InputShapes {
  /** Of a body in JSON. Without one, JSON is refused. */
  readonly body?: StandardSchema;
  /** Of a form, as browsers send it (`application/x-www-form-urlencoded`). Without one, forms are refused. */
  readonly form?: StandardSchema;
  /** Of the query. Without one it is not looked at. */
  readonly query?: StandardSchema;
  /** Of the parameters of the path, as the router of the application has them. */
  readonly params?: StandardSchema;
  /** Fields of the form and the query that may be there several times: they are always lists. */
  readonly lists?: readonly string[];
}

/** What handlers get: each part as its schema has made it. Of a body in JSON and of a form that has `body`. */
export interface InputOf<Shapes extends InputShapes> {
  readonly body: OutputOf<Shapes['body']> | OutputOf<Shapes['form']>;
  readonly query: OutputOf<Shapes['query']>;
  readonly params: OutputOf<Shapes['params']>;
}

/** What a framework has read of a request. */
export interface HandedInput {
  readonly params: unknown;
  /** What a parser of the application has made of the body; undefined where none has looked at it. */
  readonly parsed: unknown;
}

/** What became of a request's input. */
export type ReadInput =
  | { readonly ok: true; readonly input: Readonly<Record<'body' | 'query' | 'params', unknown>> }
  | { readonly ok: false; readonly refusal: Refusal };

/** The shapes of one route, looked at once. */
export class RouteInput {
  readonly #schemas: Readonly<Partial<Record<'body' | 'form' | 'query' | 'params', InputSchema>>>;
  readonly #lists: readonly string[];

  constructor({ lists = [], ...shapes }: InputShapes) {
    this.#lists = lists;
    this.#schemas = Object.fromEntries(
      Object.entries(shapes).map(([part, schema]) => [part, readSchema(schema)]),
    );
  }

  /** Reads and judges all of it: whoever has to mend a form wants to know everything at once. */
  async read(exchange: Exchange, handed: HandedInput, settings: BodyBounds): Promise<ReadInput> {
    const { query, params } = this.#schemas;
    const body = await this.#body(exchange, handed, settings);
    if (body !== undefined && 'status' in body) return { ok: false, refusal: body };
    const judged = {
      body,
      query: query && (await this.#fields('query', query, exchange.query)),
      params: params && (await judgeInput('params', params, { ...(handed.params as object) })),
    };
    const faults = Object.values(judged).flatMap((part) => (part?.ok === false ? part.faults : []));
    if (faults.length > 0) return { ok: false, refusal: invalid(faults) };
    const valueOf = (part: JudgedInput | undefined): unknown => (part?.ok === true ? part.value : undefined);
    return {
      ok: true,
      input: { body: valueOf(judged.body), query: valueOf(judged.query), params: valueOf(judged.params) },
    };
  }

  async #fields(place: 'body' | 'query', schema: InputSchema, text: string): Promise<JudgedInput> {
    const fields = readFields(place, text, this.#lists);
    return fields.ok ? await judgeInput(place, schema, fields.value) : fields;
  }

  async #body(
    exchange: Exchange,
    { parsed }: HandedInput,
    bounds: BodyBounds,
  ): Promise<JudgedInput | Refusal | undefined> {
    const { body, form } = this.#schemas;
    if (body === undefined && form === undefined) return undefined;
    const { kind, type } = exchange.body.declared;
    if (isJson(type))
      return body === undefined ? this.#notTaken() : await this.#json(exchange, body, parsed, bounds);
    if (kind !== 'form' || form === undefined) return this.#notTaken();
    if (parsed !== undefined) return await judgeInput('body', form, parsed);
    const bytes = await exchange.body.peek(bounds.size);
    return bytes === undefined ? tooLarge(bounds.size) : await this.#fields('body', form, bytes.toString());
  }

  async #json(
    exchange: Exchange,
    schema: InputSchema,
    parsed: unknown,
    bounds: BodyBounds,
  ): Promise<JudgedInput | Refusal> {
    // The guard has read it, strictly, whatever a parser has made of the same bytes.
    const read = exchange.get(JSON_BODY) ?? (parsed === undefined ? undefined : { value: parsed });
    if (read !== undefined) return await judgeInput('body', schema, read.value);
    const bytes = await exchange.body.peek(bounds.size);
    if (bytes === undefined) return tooLarge(bounds.size);
    const reading = readStrictJson(bytes, { ...bounds, bigIntegers: 'text' });
    if (reading.ok) return await judgeInput('body', schema, reading.value);
    return {
      ok: false,
      faults: [{ in: 'body', pointer: reading.at, detail: 'This is no JSON that is taken.' }],
    };
  }

  #notTaken(): Refusal {
    const { body, form } = this.#schemas;
    const types = [body && 'application/json', form && 'application/x-www-form-urlencoded'].filter(
      (type) => type !== undefined,
    );
    return {
      ...PROBLEMS.bodyNotSupported,
      detail: `This takes ${types.join(' or ')}.`,
      headers: [['Accept', types.join(', ')]],
      event: eventOf(VALIDATION_EVENTS.invalid, { at: ['Content-Type'] }),
    };
  }
}

/** How much of a body is read. */
export type BodyBounds = Pick<ValidationSettings, 'size' | 'depth' | 'entries'>;

/** What ends a handler whose input was refused. Let it pass: a 500 that comes of it leaves as the refusal. */
export function inputRefused({ status }: Refusal): BulwarkError {
  return new BulwarkError(
    'ERR_BULWARK_INPUT',
    `the request does not fit the schema of its route; answer ${status}`,
  );
}

const MOST_LOGGED = 20;

function invalid(faults: readonly InputFault[]): Refusal {
  const at = faults.slice(0, MOST_LOGGED).map((fault) => `${fault.in}${fault.pointer}`);
  return {
    ...VALIDATION_PROBLEMS.invalidInput,
    detail: 'Some of what was sent is not valid. Nothing was changed.',
    faults,
    event: eventOf(VALIDATION_EVENTS.invalid, { at }),
  };
}

function tooLarge(limit: number): Refusal {
  return {
    ...PROBLEMS.bodyTooLarge,
    detail: `This is larger than the ${showSize(limit)} that are taken here.`,
    event: eventOf(VALIDATION_EVENTS.invalid, { at: ['body'] }),
  };
}
