/** `bulwark/input`: routes that say what they take, on every host. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import { callback, call, fields, made, maybe, texts } from '../core/call.ts';
import type { InputFault } from '../core/input-fault.ts';
import { inputRefused, type InputOf, type InputShapes, RouteInput } from '../controls/validation/input.ts';
import { documentShapes } from '../controls/validation/openapi.ts';
import { View, viewOf } from '../layer/view.ts';
import { handed as handedTo } from '../node/handed.ts';
import { refuse } from '../node/response.ts';

export type { InputFault, InputPlace } from '../core/input-fault.ts';
export type { InputOf, InputShapes } from '../controls/validation/input.ts';
export type { StandardSchema } from '../controls/validation/standard-schema.ts';
export { openApi, type OpenApiInit } from '../controls/validation/openapi.ts';
export type { OpenApiDocument } from '../controls/validation/openapi-document.ts';
export { formFaults, type FormFaults } from '../controls/validation/form-faults.ts';

/** What else a route says. */
export interface RouteSetup<Given extends readonly unknown[]> {
  /**
   * Answers a request that does not fit, such as with its form again, filled in and with the reasons beside the fields: answer
   * 422. Default: a page or problem+json with all of them.
   */
  readonly invalid?: (faults: readonly InputFault[], ...given: Given) => unknown;
}

/**
 * A handler that is called with what its schemas have made of a request, and not at all where it does not fit: 422 with every
 * field and reason, and never the value. A field that a schema does not name is refused (CWE-915).
 *
 * @example
 * ```ts
 * app.post('/notes', route({ body: z.object({ title: z.string().max(100) }) }, ({ body }, request, response) => {
 *   response.status(201).json(notes.add(body));
 * }));
 * ```
 * @param shapes - what is taken; JSON by `body`, forms by `form`
 * @param handler - the input first, then all that the framework hands to a handler
 */
export function route<
  const Shapes extends InputShapes,
  Given extends readonly [unknown, ...unknown[]],
  Result,
>(
  shapes: Shapes,
  handler: (input: InputOf<Shapes>, ...given: Given) => Result,
  setup: RouteSetup<Given> = {},
): (...given: Given) => Promise<Awaited<Result>> {
  checkRoute(shapes, handler, setup);
  const input = new RouteInput(shapes);
  const run = async (given: Given): Promise<unknown> => {
    const { incoming, outgoing, ...handed } = handedBy(given[0]);
    const view = viewOf(incoming, 'let the layer judge requests before the routes do');
    const exchange = View.exchangeOf(view);
    const { validation, body } = View.layerOf(view).policy;
    const size = Math.min(validation.size, exchange.rules.bodyLimit ?? body.limit);
    const read = await input.read(exchange, handed, { ...validation, size });
    if (read.ok) return await handler(read.input as InputOf<Shapes>, ...given);
    const { faults } = read.refusal;
    const [first, second] = given;
    const response = second instanceof ServerResponse ? second : outgoing;
    const isAnswered = setup.invalid !== undefined && faults !== undefined;
    view.refuse('validation', read.refusal, !isAnswered && response === undefined);
    if (isAnswered) return await setup.invalid?.(faults, ...given);
    if (response === undefined) throw inputRefused(read.refusal);
    // Where an error of ours would go by a framework that prints each with its stack.
    refuse(response, read.refusal);
    return outgoing === undefined ? undefined : handedTo(first as object).answered();
  };
  const answer = async (...given: Given): Promise<unknown> => {
    const next = given.at(-1);
    // Express 4 waits for no promise; in Express 5 this is what it does itself.
    if (given.length < 3 || typeof next !== 'function') return await run(given);
    return await run(given).catch((error: unknown) => next(error) as unknown);
  };
  documentShapes(answer, shapes);
  return answer as (...given: Given) => Promise<Awaited<Result>>;
}

/** What the handlers of each framework are given first. */
interface Handed {
  readonly incoming: object;
  /** Of Hono. */
  readonly outgoing: ServerResponse | undefined;
  readonly params: unknown;
  readonly parsed: unknown;
}

function handedBy(first: unknown): Handed {
  const given = Object(first) as {
    readonly env?: { readonly incoming?: object; readonly outgoing?: ServerResponse };
    readonly req?: { readonly param?: () => unknown };
    readonly raw?: IncomingMessage;
    readonly params?: unknown;
    readonly body?: unknown;
  };
  const { env, req, raw, params, body } = given;
  if (env !== undefined && req !== undefined)
    return {
      incoming: env.incoming ?? {},
      outgoing: env.outgoing,
      params: req.param?.(),
      parsed: undefined,
    };
  return { incoming: raw ?? given, outgoing: undefined, params, parsed: body };
}

const schema = made('a schema, such as z.object({ ... })', { '~standard': made('', { validate: callback }) });
const checkRoute = call('route({ body: z.object({ ... }) }, (input, request, response) => { ... })', {
  shapes: fields<InputShapes>({
    body: maybe(schema),
    form: maybe(schema),
    query: maybe(schema),
    params: maybe(schema),
    lists: maybe(texts),
  }),
  handler: callback,
  setup: fields<RouteSetup<readonly unknown[]>>({ invalid: maybe(callback) }),
});
