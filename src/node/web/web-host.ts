/** The layer where requests and answers are objects of the web: from a `Request` to a verdict, the handler, and a `Response`. */
import { BulwarkError, type ErrorCode } from '../../core/errors.ts';
import { Exchange, noteUnknownWho } from '../../core/exchange.ts';
import { ListedHead } from '../../core/listed-head.ts';
import { isRefusalError } from '../../core/refusals.ts';
import { INTERNAL_ERROR, type Refusal } from '../../core/verdict.ts';
import { THROWN } from '../../controls/access/permissions.ts';
import { OWN_ANSWER } from '../../controls/errors/errors.ts';
import { beginTrace, type RequestTrace } from '../../controls/traces/request-trace.ts';
import type { Layer } from '../../layer/layer.ts';
import { attachView, View } from '../../layer/view.ts';
import type { Gate } from '../gate.ts';
import { runAtWork } from '../handed-on.ts';
import { isLeak, mayBeKept } from '../late-read.ts';
import { NODE_EVENTS } from '../node.events.ts';
import { WebBody } from './web-body.ts';
import { webFacts } from './web-facts.ts';
import { watched } from './watched-stream.ts';

/** What answers a request. Nothing: what came has been taken over, as an upgrade. */
export type WebHandler = (request: Request) => Response | undefined | Promise<Response | undefined>;

/** Runs one request through the layer, and the handler where nothing speaks against it. */
export async function answerWeb(
  gate: Gate,
  request: Request,
  peer: string | undefined,
  handle: WebHandler,
): Promise<Response | undefined> {
  const { layer } = gate;
  const facts = webFacts(request, peer, gate.serves);
  const body = new WebBody(request, layer, facts);
  const exchange = new Exchange(facts, Date.now(), body, body);
  body.belongsTo(exchange);
  const view = new View(layer, exchange);
  attachView(request, view);
  const trace = beginTrace(exchange, layer.policy.traces);
  const visit: Visit = { layer, exchange, body, trace, head: facts.method === 'HEAD' };
  const decided = trace === undefined ? layer.decide(exchange) : trace.decide(() => layer.decide(exchange));
  // At once where all state is in memory: no turn of the loop is given away.
  const verdict = decided instanceof Promise ? await decided : decided;
  if (verdict !== undefined) return refuse(visit, verdict);
  const handed = body.handed();
  if (handed !== request) attachView(handed, view);
  let answer: Response | undefined;
  try {
    answer = await run(trace, () =>
      runAtWork(
        handed,
        () => body.isOver,
        () => handle(handed),
      ),
    );
    if (body.refused !== undefined) return refuse(visit, body.refused);
    return finish(visit, answer);
  } catch (error) {
    return fail(visit, error);
  }
}

interface Visit {
  readonly layer: Layer;
  readonly exchange: Exchange;
  readonly body: WebBody;
  readonly trace: RequestTrace | undefined;
  /** Whether nothing but a head is wanted. */
  readonly head: boolean;
}

function run(trace: RequestTrace | undefined, next: () => ReturnType<WebHandler>): ReturnType<WebHandler> {
  if (trace === undefined) return next();
  let result: ReturnType<WebHandler>;
  trace.run(
    () => {
      result = next();
    },
    { headers: {} },
  );
  return result;
}

/** The answer of the handler, with the head that the guards want. */
function finish(visit: Visit, answer: Response | undefined): Response | undefined {
  const { layer, exchange, body, trace } = visit;
  // Taken over: there is no head that anything could be put on.
  if (answer === undefined || answer.status === 101) {
    if (exchange.request.headers['upgrade'] === undefined) throw new TypeError(NO_RESPONSE);
    trace?.end(101);
    body.over();
    return answer;
  }
  const head = new ListedHead(answer.status, headersOf(answer.headers));
  const replaced = layer.judge(exchange, head);
  if (replaced !== undefined) {
    void answer.body?.cancel().catch(() => undefined);
    return refuse(visit, replaced);
  }
  layer.dress(exchange, head);
  trace?.end(answer.status);
  const { status, statusText } = answer;
  return new Response(bodyOf(visit, answer, head), {
    status,
    statusText,
    headers: head.lines as [string, string][],
  });
}

const NO_RESPONSE = 'the handler returned no Response';

/**
 * Never the object of the handler itself: one that is kept and given out again would have the cookies of who had it before.
 *
 * A body that is still being made may look at who is signed in once its head has let caches keep it: then it breaks off, and what is
 * incomplete is kept by nobody (RFC 9111, 3.3).
 */
function bodyOf(
  { layer, exchange, body, head: isHead }: Visit,
  { body: stream }: Response,
  head: ListedHead,
): ReadableStream<Uint8Array> | null {
  const mayLeak = !exchange.sessionRead && mayBeKept(head);
  // Of an answer to HEAD nobody reads the body, and so nobody comes to its end.
  if (stream === null || isHead) {
    body.over();
    return stream;
  }
  // Somebody who is signed in may be followed as late as by the body itself.
  if (!body.followed && !mayLeak && exchange.session === undefined) return stream;
  return watched(stream, (end) => {
    body.over();
    if (end === 'whole' && mayLeak && exchange.sessionRead && isLeak(head, layer, exchange))
      throw new Error('a page for one person that caches could keep is left without its end');
  });
}

/** As a head has them: a name that may stand on several lines as a list. */
function headersOf(headers: Headers): [name: string, value: string | string[]][] {
  const lines: [string, string | string[]][] = [];
  for (const [name, value] of headers) if (name !== 'set-cookie') lines.push([name, value]);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) lines.push(['set-cookie', cookies.length === 1 ? (cookies[0] ?? '') : cookies]);
  return lines;
}

/** An answer of the layer's own. */
function refuse({ layer, exchange, body, trace, head: isHead }: Visit, refusal: Refusal): Response {
  const answer = layer.answer(exchange, refusal);
  const head = new ListedHead(answer.status, answer.headers);
  // What follows a refused upgrade is no HTTP.
  if (answer.close || exchange.request.headers['upgrade'] !== undefined)
    head.setHeader('Connection', 'close');
  layer.dress(exchange, head);
  trace?.end(answer.status);
  exchange.callOff(
    refusal.type === 'session-over' ? 'ERR_BULWARK_SESSION_OVER' : 'ERR_BULWARK_ANSWER_REPLACED',
  );
  body.over();
  const bytes = isHead || answer.status === 204 ? null : new Uint8Array(answer.body);
  return new Response(bytes, { status: answer.status, headers: head.lines as [string, string][] });
}

/** What a handler threw becomes what the guards say to a 500, and nothing of it leaves. */
function fail(visit: Visit, error: unknown): Response {
  const { layer, exchange, body } = visit;
  if (body.refused !== undefined) return refuse(visit, body.refused);
  const refused = isRefusalError(error);
  // A refusal that the handler caught is not the reason why it failed now.
  if (!refused) exchange.set(THROWN, undefined);
  noteUnknownWho(exchange, error);
  exchange.failure ??= error;
  exchange.set(OWN_ANSWER, true);
  const refusal = layer.judge(exchange, new ListedHead(500)) ?? INTERNAL_ERROR;
  if (!refused && refusal.status === 500 && !isCode(error, 'ERR_BULWARK_CLIENT_GONE'))
    layer.audit.write(NODE_EVENTS.handlerFailed, { error }, exchange);
  return refuse(visit, refusal);
}

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof BulwarkError && error.code === code;
}
