/** A policy as typed, and a request in a few words: what Bulwark says of both. The code is that of the library. */
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { AuditSink } from '../../src/audit/audit.options.ts';
import { makeCsrfToken } from '../../src/controls/csrf/csrf-token.ts';
import { CSRF_HEADER } from '../../src/controls/csrf/csrf.ts';
import { SESSION_COOKIE } from '../../src/controls/sessions/session-cookie.ts';
import { NO_BODY } from '../../src/core/body.ts';
import { PolicyError, type PolicyProblem } from '../../src/core/errors.ts';
import { Exchange } from '../../src/core/exchange.ts';
import { isPlainObject } from '../../src/core/options.ts';
import { randomId } from '../../src/core/random.ts';
import { Layer } from '../../src/layer/layer.ts';
import { readPolicy, type Surroundings } from '../../src/policy/read-policy.ts';
import type { Policy, PolicyOptions } from '../../src/policy/policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { RecorderHost } from '../../src/testing/recorder.ts';
import { PolicyTextError, readPolicyText, WrittenCall, type WrittenPolicy } from './policy-text.ts';

/** A request as the page asks for it. */
export interface TriedRequest {
  readonly method: string;
  readonly target: string;
  /** Lines of `Name: value`. */
  readonly headers: string;
  /** Somebody who is signed in, and their roles; nothing: a visitor. */
  readonly roles: readonly string[] | undefined;
}

/** What is shown. */
export interface Tried {
  readonly faults: readonly PlacedProblem[];
  readonly warnings: readonly PlacedProblem[];
  /** Where the text is no policy at all. */
  readonly text?: {
    readonly at: number;
    readonly line: number;
    readonly column: number;
    readonly reason: string;
  };
  readonly answer?: TriedAnswer;
}

/** A problem, and where in the text its option stands, if it does. */
export interface PlacedProblem extends PolicyProblem {
  readonly at: number | undefined;
}

/** What came of the request. */
export interface TriedAnswer {
  readonly status: number;
  /** Undefined: the application was asked. */
  readonly refused: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What the log was told, one line each. */
  readonly events: readonly string[];
}

/** A server on its own, with nothing in its environment. */
const NOWHERE: Surroundings = { env: {}, execArgv: [], nodeVersion: '24.21.0', isWorker: false };
const NOT_HERE =
  'it is made by a call, and this page makes none: it has a secret and a state of its own, and leaves these two out.';

/** Reads a policy and runs one request through it. */
export async function tryPolicy(text: string, asked: TriedRequest): Promise<Tried> {
  const events: string[] = [];
  let policy: Policy;
  let places: WrittenPolicy['places'] = new Map();
  try {
    const written = readPolicyText(text);
    ({ places } = written);
    policy = await readPolicy(completed(written.options), NOWHERE);
  } catch (error) {
    if (error instanceof PolicyTextError) {
      const { at, line, column, message } = error;
      return { faults: [], warnings: [], text: { at, line, column, reason: message } };
    }
    if (error instanceof PolicyError)
      return { faults: error.problems.map((one) => placed(one, places)), warnings: [] };
    throw error;
  }
  // Its file and its receivers are not here: what the log is told is shown.
  const sink: AuditSink = (_line, event) => void events.push(shown(event));
  const layer = new Layer({ ...policy, audit: { ...policy.audit, file: undefined, ship: [], sink } });
  const answer = await ask(layer, asked);
  const warnings = policy.warnings.map((one) => placed(one, places));
  return { faults: [], warnings, answer: { ...answer, events } };
}

async function ask(layer: Layer, asked: TriedRequest): Promise<Omit<TriedAnswer, 'events'>> {
  const { origin } = layer.policy;
  const host = origin === undefined ? 'localhost' : new URL(origin.origin).host;
  const headers = { host, ...(await signIn(layer, asked)), ...readLines(asked.headers) };
  const { method, target } = asked;
  const encrypted = origin?.scheme !== 'http';
  const page = { headers: { 'Content-Type': 'text/html; charset=utf-8' } };
  const { verdict, head } = await new RecorderHost(layer).run(
    { method, target, headers, encrypted },
    () => page,
  );
  const refused = verdict === undefined ? undefined : `${verdict.title}. ${verdict.detail}`;
  return { status: head.statusCode, refused, headers: head.lines };
}

/** At the option itself, or at the nearest one around it that is written down. */
function placed(problem: PolicyProblem, places: WrittenPolicy['places']): PlacedProblem {
  const { code, option, reason, fix } = problem;
  const around = [...places.keys()]
    .filter(
      (path) => option === path || (option.startsWith(path) && /[.[ ]/.test(option.charAt(path.length))),
    )
    .toSorted((one, other) => other.length - one.length);
  return { code, option, reason, fix, at: places.get(around[0] ?? '') };
}

/** A session that begins for this one request. */
async function signIn(
  { policy, sessions }: Layer,
  { roles }: TriedRequest,
): Promise<Readonly<Record<string, string>>> {
  if (roles === undefined) return {};
  const now = sessions.clock();
  const request = { method: 'POST', target: '/', httpVersion: '1.1', rawHeaders: [], headers: {} };
  const exchange = new Exchange({ ...request, peer: '192.0.2.1', encrypted: true }, now, NO_BODY);
  const { id, record } = await sessions.signIn(
    exchange,
    now,
    { account: 'ann', roles: [...roles] },
    undefined,
  );
  return { cookie: `${SESSION_COOKIE}=${id}`, [CSRF_HEADER]: makeCsrfToken(policy.keys, record.idHash) };
}

/** What this page has in the place of a server: a secret and a memory. A policy that speaks of files finds none. */
function completed(given: unknown): PolicyOptions {
  // What is no policy is refused as it came.
  if (!isPlainObject(given)) return given as PolicyOptions;
  const { secrets, state, ...rest } = given;
  refuseCalls(rest);
  return {
    origin: 'https://example.com',
    environment: 'production',
    ...rest,
    secrets: secrets === undefined || secrets instanceof WrittenCall ? RANDOM : secrets,
    state: state === undefined || state instanceof WrittenCall ? memory() : state,
  } as PolicyOptions;
}

const RANDOM = { name: 'this page', load: (): readonly string[] => [randomId(32)] };

/** Of a line of the log what is the same each time. */
function shown({ event, level, outcome, client, account, status, guard, mode, details }: AuditEvent): string {
  return `${event} ${JSON.stringify({ level, outcome, client, account, status, guard, mode, details })}`;
}

/** @throws PolicyError, where the reader would be told of a value that it was never given */
function refuseCalls(value: unknown, path = ''): void {
  if (value instanceof WrittenCall) {
    const fix = `leave ${path} out here`;
    throw new PolicyError([{ code: 'ERR_BULWARK_INVALID_OPTION', option: path, reason: NOT_HERE, fix }]);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value))
    refuseCalls(inner, path === '' ? name : `${path}.${name}`);
}

/** Lines of headers as they are typed; what is no such line is left out. */
function readLines(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').map((line) => /^\s*([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*?)\s*$/.exec(line));
  return Object.fromEntries(
    lines.flatMap((found) => (found === null ? [] : [[(found[1] ?? '').toLowerCase(), found[2] ?? '']])),
  );
}
