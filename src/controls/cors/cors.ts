/** Cross-origin resource sharing: which pages of other origins may ask here and read what is answered. */
import { type CrossOriginTrust, CROSS_ORIGIN, type Exchange, header } from '../../core/exchange.ts';
import { eventOf, type SecurityEvent } from '../../core/events.ts';
import type { Guard } from '../../core/guard.ts';
import type { OutgoingHead } from '../../core/head.ts';
import { cutForLog } from '../../core/log-text.ts';
import type { OwnOrigins } from '../../core/own-origins.ts';
import type { CorsRule, RouteRules } from '../../core/route-rules.ts';
import { type Slot, slot } from '../../core/slot.ts';
import { ToldOnce } from '../../core/told-once.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import { CORS_EVENTS, CORS_PROBLEMS } from './cors.events.ts';
import { ACCESS_CONTROL, type CorsLines, corsLines } from './cors-lines.ts';
import type { CorsSettings } from './cors.options.ts';

/** What the guard knows of the routes beside those of the request. */
export interface CorsSurroundings {
  readonly own: OwnOrigins;
  /** The rules of the target of a request for a method; undefined where the target cannot be read. */
  readonly rulesFor: (exchange: Exchange, method: string) => RouteRules | undefined;
  /** The rules that there are, to be written out at the start. */
  readonly routes: readonly CorsRule[];
  readonly tell: (exchange: Exchange, event: SecurityEvent) => void;
}

/** By which lines an exchange is answered: set where there is an `Origin`. */
const ASKED: Slot<CorsLines> = slot();

/**
 * The guard. After the general limit, so that preflights are not free, and before limits of routes, sessions and `access`: a
 * preflight carries no cookie and no token, and means none of what it asks for. Its lines go on every answer, those of
 * guards before it too: a program that cannot read a 429 asks again at once.
 */
export function corsGuard(settings: CorsSettings, surroundings: CorsSurroundings): Guard {
  const { own, rulesFor, routes, tell } = surroundings;
  const { mode, ...section } = settings;
  const base = corsLines(section);
  const written = new WeakMap<CorsRule, CorsLines>(routes.map((rule) => [rule, corsLines(rule)]));
  const told = new ToldOnce();
  const isClosed = base.closed && routes.length === 0;
  const linesOf = ({ cors }: RouteRules): CorsLines => {
    if (cors === undefined) return base;
    const lines = written.get(cors) ?? corsLines(cors);
    written.set(cors, lines);
    return lines;
  };
  // What was refused before its route was known.
  const linesLater = (exchange: Exchange): CorsLines => {
    const rules = rulesFor(exchange, exchange.request.method);
    return rules === undefined ? CLOSED : linesOf(rules);
  };
  return {
    name: 'cors',
    mode,
    onRequest(exchange) {
      const { request } = exchange;
      const origin = header(request, 'origin');
      if (origin === undefined || own.has(origin, exchange)) return undefined;
      const method = request.method === 'OPTIONS' ? header(request, REQUEST_METHOD) : undefined;
      if (method !== undefined) {
        const rules = METHOD.test(method) ? rulesFor(exchange, method) : undefined;
        const lines = rules === undefined ? CLOSED : linesOf(rules);
        exchange.set(ASKED, lines);
        return answerPreflight(exchange, lines, origin, method);
      }
      const lines = linesOf(exchange.rules);
      exchange.set(ASKED, lines);
      // What is only observed lets nobody in.
      if (mode === 'enforce') exchange.set(CROSS_ORIGIN, trustOf(lines, origin, exchange));
      return undefined;
    },
    onResponse(exchange, head) {
      if (head.part !== 'answer') return;
      // Nearly every policy, and nearly every answer: nobody may read, and nobody says otherwise.
      if (isClosed && head.getHeader('access-control-allow-origin') === undefined) return;
      const origin = header(exchange.request, 'origin');
      const isPreflight = exchange.get(PREFLIGHT) === true;
      if (isPreflight) return;
      const asked = exchange.get(ASKED);
      const lines =
        asked ??
        (origin === undefined || own.has(origin, exchange) ? linesOf(exchange.rules) : linesLater(exchange));
      const theirs = head.getHeader('access-control-allow-origin');
      if (theirs !== undefined) {
        // In `observe` the line stays, and is told like everything that a guard would do.
        if (mode === 'enforce' && isWider(head, lines, origin) && told.isNew(exchange.rules, 'cors'))
          tell(exchange, narrowed(String(theirs)));
        head.removeAll(ACCESS_CONTROL);
      }
      if (lines.closed) return;
      if (lines.varies) addVary(head);
      for (const line of lines.answer(origin) ?? []) {
        if (head.getHeader(line.key) === undefined) head.addLine(line);
        else head.setHeader(line.name, line.value);
      }
    },
  };
}

const REQUEST_METHOD = 'access-control-request-method';
const METHOD = /^[A-Z]{1,20}$/;
const PREFLIGHT: Slot<true> = slot();
const CLOSED = corsLines({
  origins: [],
  methods: [],
  headers: [],
  credentials: false,
  exposedHeaders: [],
  maxAge: 1000,
  privateNetwork: false,
});

function narrowed(said: string): SecurityEvent {
  return eventOf(CORS_EVENTS.narrowed, {
    header: 'Access-Control-Allow-Origin',
    origin: cutForLog(said),
    fix: "routes: { '/api/**': { cors: { origins: ['https://partner.example'] } } }",
  });
}

function answerPreflight(exchange: Exchange, lines: CorsLines, origin: string, method: string): Verdict {
  const fromOutside = header(exchange.request, 'access-control-request-private-network') === 'true';
  const headers = lines.preflight(origin, fromOutside);
  if (headers === undefined) return refusal(origin, method);
  exchange.set(PREFLIGHT, true);
  return { ...GRANTED, headers };
}

/** No fact of security, and no problem: the browser compares the lines with what the page wants. */
const GRANTED: Refusal = { type: 'preflight', title: 'It may be asked', status: 204, detail: '' };

function refusal(origin: string, method: string): Refusal {
  return {
    ...CORS_PROBLEMS.originNotAllowed,
    detail: 'Pages of this origin may not send requests here.',
    event: eventOf(CORS_EVENTS.refused, {
      reason: 'a preflight of an origin that is not among the `origins` of `cors`',
      origin: cutForLog(origin),
      method: cutForLog(method),
    }),
    headers: [['Vary', 'Origin']],
  };
}

/** What `csrf` may believe of a request of another origin. A handshake is read by no rule of this protocol. */
function trustOf(lines: CorsLines, origin: string, { request }: Exchange): CrossOriginTrust | undefined {
  if (request.headers.upgrade !== undefined || !lines.trusts(origin, request.method)) return undefined;
  return lines.credentials ? 'with-credentials' : 'without-credentials';
}

/** Whether the application would let someone read whom the policy does not. */
function isWider(head: OutgoingHead, lines: CorsLines, origin: string | undefined): boolean {
  const theirs = String(head.getHeader('access-control-allow-origin'));
  const withCookies = head.getHeader('access-control-allow-credentials') !== undefined;
  if (withCookies && !lines.credentials) return true;
  const ours = lines.answer(origin)?.[0]?.value;
  return theirs !== ours && lines.answer(theirs)?.[0]?.value !== theirs;
}

function addVary(head: OutgoingHead): void {
  const own = head.getHeader('vary');
  if (own === undefined) {
    head.setHeader('Vary', 'Origin');
    return;
  }
  const said = (Array.isArray(own) ? (own as readonly string[]).join(', ') : String(own)).split(',');
  if (said.some((one) => one.trim() === '*' || one.trim().toLowerCase() === 'origin')) return;
  head.setHeader('Vary', `${said.join(',')}, Origin`);
}
