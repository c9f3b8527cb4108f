/** The layer: a policy compiled into guards, run over each exchange in one order. Knows no framework and no socket. */
import type { AlertWatch } from '../alerts/alert-watch.ts';
import type { AuditLog } from '../audit/audit.ts';
import { isUnlogged, UNLOGGED } from './unlogged.ts';
import type { Policy } from '../policy/policy.ts';
import { BulwarkError } from '../core/errors.ts';
import { type Exchange, FORWARDED, header } from '../core/exchange.ts';
import type { ForwardHead } from '../core/forward-head.ts';
import { TRACED } from '../core/traced.ts';
import type { OutgoingHead, ResponseHead } from '../core/head.ts';
import type { HeaderKey } from '../core/header-line.ts';
import type { Guard, Mode } from '../core/guard.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { MetricSource } from '../core/metrics.ts';
import { INTERNAL_ERROR, type Refusal, type Verdict } from '../core/verdict.ts';
import { THROWN } from '../controls/access/permissions.ts';
import type { DeviceBound } from '../controls/device-bound/device-bound.ts';
import { prefersHtml, renderRefusal, type ShownError } from '../controls/errors/render.ts';
import { withLanguage } from '../controls/errors/refusal-words.ts';
import type { ReportBook } from '../controls/reports/report-book.ts';
import type { Sessions } from '../controls/sessions/sessions.ts';
import type { HeldRequests } from '../controls/step-up/held-requests.ts';
import { LayerTimes } from './layer-times.ts';
import { handedOn, type HandedOn, makeGuards, type RouterFacts } from './order.ts';
import { Observations } from './observations.ts';
import { ObservedForward } from './observed-forward.ts';
import { ObservedHead } from './observed-head.ts';
import { makeServices, type StoreCount } from './services.ts';
import { isAskedHere, shownError } from './shown-error.ts';
import { LAYER_EVENTS } from './layer.events.ts';
import { type ApplicationAudit, auditOf } from './application-audit.ts';
import { placeGuards } from './place-guards.ts';

/** How often a guard said no, and how often it only would have (`observe`), or would have changed a head. */
export interface GuardCount {
  refused: number;
  observed: number;
}

/** A whole answer of Bulwark's own, ready to be written. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly close: boolean;
}

type Named = Pick<Guard, 'name' | 'mode'>;

/** One hook of a guard. All steps have one shape, so that V8 can run them in turn by one compiled path. */
interface Step<Run> extends Named {
  readonly run: NonNullable<Run>;
}

/** Which guards a layer has, of those that the policy makes. */
export type Arrange = (guards: readonly Guard[]) => readonly Guard[];

const EVERY_READING: RouterFacts = { emptyParameters: true };
const asTheyAre: Arrange = (guards) => guards;

/** Made once from a policy, used by every adapter. */
export class Layer {
  readonly policy: Policy;
  readonly audit: AuditLog;
  /** Alerts, where the policy says who is told of them. */
  readonly alerts: AlertWatch | undefined;
  readonly sessions: Sessions;
  /** Where the policy binds sessions to devices. */
  readonly devices: DeviceBound | undefined;
  readonly heldRequests: HeldRequests;
  /** What browsers report, where the policy names a place for it. */
  readonly reports: ReportBook | undefined;
  readonly counts: ReadonlyMap<string, GuardCount>;
  /** How guards are run, in their order. */
  readonly modes: ReadonlyMap<string, Mode>;
  /** What became of stores across a network. */
  readonly stores: ReadonlyMap<string, StoreCount>;
  /** Figures of guards and of rooms that stand on the layer. */
  readonly metricSources: MetricSource[];
  /** What a framework behind it looks for in headers of the request. Undefined: nothing. */
  readonly handedOn: HandedOn | undefined;
  /** What it takes itself. */
  readonly times: LayerTimes = new LayerTimes();
  readonly #refusesUnlogged: boolean;
  readonly #admission: readonly Step<Guard['onRequest']>[];
  readonly #onRequest: readonly Step<Guard['onRequest']>[];
  readonly #onForward: readonly Step<Guard['onForward']>[];
  readonly #onAnswer: readonly Step<Guard['onAnswer']>[];
  readonly #onResponse: readonly Step<Guard['onResponse']>[];
  #requests = 0;

  /**
   * @param router - where nothing is known of it, it may read a path in every way there is
   * @param arrange - is given the guards in their order, and says which ones there are: to see what holds without one
   */
  constructor(policy: Policy, router: RouterFacts = EVERY_READING, arrange: Arrange = asTheyAre) {
    const services = makeServices(policy);
    const { audit } = services;
    const placed = placeGuards(makeGuards(policy, services, router), policy.guards, policy.events, audit);
    const guards = arrange(placed).filter((guard) => guard.mode !== 'off' || guard.derives === true);
    this.policy = policy;
    this.audit = audit;
    this.alerts = services.alerts;
    this.sessions = services.sessions;
    this.devices = services.devices;
    this.heldRequests = services.heldRequests;
    this.reports = services.reports;
    this.stores = services.stores;
    this.metricSources = services.metricSources;
    this.handedOn = handedOn(policy);
    this.#refusesUnlogged = policy.audit.file?.whileFailing === 'refuse';
    this.counts = new Map(guards.map((guard) => [guard.name, { refused: 0, observed: 0 }]));
    // Of two that share a name the first is the control itself: no rule switches off what handlers refuse by permissions.
    this.modes = new Map([...guards, ...guards.toReversed()].map(({ name, mode }) => [name, mode]));
    this.#onRequest = guards.flatMap((guard) => stepOf(guard, guard.onRequest));
    const own = policy.guards.map(({ guard }) => guard.name);
    this.#admission = this.#onRequest
      .slice(0, this.#onRequest.findIndex(({ name }) => name === 'rate-limit') + 1)
      .filter(({ name }) => !own.includes(name));
    this.#onAnswer = guards.flatMap((guard) => stepOf(guard, guard.onAnswer));
    const observations = new Observations(this.counts, this.audit);
    this.#onForward = guards.flatMap((guard) => stepOf(guard, overForward(guard, observations)));
    this.#onResponse = guards.flatMap((guard) => stepOf(guard, overHead(guard, observations)));
  }

  /** Requests that were judged since the start. */
  get requests(): number {
    return this.#requests;
  }

  /** Runs the guards over a request. At once where all state is in memory or embedded; a promise only where one waits. */
  decide(exchange: Exchange): MaybePromise<Verdict> {
    this.#requests += 1;
    if (this.#refusesUnlogged && isUnlogged(this.audit, exchange.request)) return UNLOGGED;
    const began = this.times.begin();
    const verdict = this.#decideFrom(exchange, 0);
    if (began !== 0) this.times.decided(began, verdict);
    return verdict;
  }

  /**
   * Runs the guards that count over an exchange that never becomes a request: bytes the parser gave up on, an expectation
   * that the server does not know. A refusal: answer that instead.
   */
  admit(exchange: Exchange): Verdict {
    for (const step of this.#admission) {
      let verdict: MaybePromise<Verdict>;
      try {
        verdict = step.run(exchange);
      } catch (error) {
        verdict = this.#failed(exchange, step, error);
      }
      // These guards answer at once. A promise is not waited for: there is no request that could wait.
      const settled = verdict instanceof Promise ? undefined : this.#settle(exchange, step, verdict);
      if (settled !== undefined) return settled;
    }
    return undefined;
  }

  /**
   * Runs the guards over the head that an upstream will get, once they let the request pass. A refusal: nothing of
   * it goes there, since a guard that threw has not taken its own lines away.
   */
  forward(exchange: Exchange, head: ForwardHead): Verdict {
    exchange.set(FORWARDED, true);
    for (const step of this.#onForward) {
      try {
        step.run(exchange, head);
      } catch (error) {
        const settled = this.#settle(exchange, step, this.#failed(exchange, step, error));
        if (settled !== undefined) return settled;
      }
    }
    return undefined;
  }

  /** Runs the guards over the application's answer before any of it leaves. A refusal: send that instead. */
  judge(exchange: Exchange, head: ResponseHead): Verdict {
    for (const step of this.#onAnswer) {
      let verdict: Verdict;
      try {
        verdict = step.run(exchange, head);
      } catch (error) {
        verdict = this.#failed(exchange, step, error);
      }
      if (verdict === undefined) continue;
      const settled = this.#settle(exchange, step, verdict);
      if (settled !== undefined) return settled;
    }
    return undefined;
  }

  /** Runs the guards over the head of an answer as it leaves, and adds what they left to send. */
  dress(exchange: Exchange, head: OutgoingHead): void {
    const began = this.times.begin();
    this.dressSide(exchange, head);
    for (const [name, value] of exchange.extraHeaders) addHeader(head, name, value);
    exchange.headSent = true;
    if (began !== 0) this.times.dressed(began);
  }

  /** Runs the guards over what goes out beside the head of an answer: ahead of it, or behind its body. */
  dressSide(exchange: Exchange, head: OutgoingHead): void {
    for (const step of this.#onResponse) {
      try {
        step.run(exchange, head);
      } catch (error) {
        // The head is on its way: what the other guards add still goes on it.
        this.#failed(exchange, step, error);
      }
    }
  }

  /** Renders a refusal for whoever asked: a page for a person, problem+json for a program. */
  answer(exchange: Exchange, refusal: Refusal): Answer {
    if (refusal.status === 204) return withoutContent(refusal);
    if (refusal.content !== undefined) return withContent(refusal, refusal.content);
    const wants =
      refusal.members === undefined && prefersHtml(header(exchange.request, 'accept')) ? 'html' : 'json';
    const error = this.#errorFor(exchange, refusal);
    const { refusalWords, refusalPages } = this.policy;
    const isPage = wants === 'html';
    // What a developer is shown stands on ours alone.
    const own =
      isPage && error === undefined ? refusalPages?.(refusal.status, exchange.id, exchange.nonce) : undefined;
    const words =
      isPage && own === undefined ? refusalWords?.(header(exchange.request, 'accept-language')) : undefined;
    const { contentType, body } =
      own === undefined
        ? renderRefusal(refusal, wants, exchange.id, exchange.nonce, error, words)
        : { contentType: 'text/html; charset=utf-8', body: own };
    const { headers = [] } = refusal;
    const bytes = Buffer.from(body);
    return {
      status: refusal.status,
      headers: [
        ['Content-Type', contentType],
        ['Content-Length', String(bytes.byteLength)],
        // An answer about this client, now: no cache may give it to another, or later.
        ['Cache-Control', 'no-store'],
        ...(words === undefined ? headers : withLanguage(headers, words)),
      ],
      body: bytes,
      close: refusal.close === true,
    };
  }

  /** Logs and counts a refusal that did not come through {@link decide}, such as one of the parser or the body counter. */
  report(exchange: Exchange, guard: string, refusal: Refusal, observed = false): void {
    this.#record(exchange, guard, refusal, observed);
  }

  /** What the application writes its events by: of an exchange, or of none. */
  applicationAudit(exchange?: Exchange): ApplicationAudit {
    return auditOf(this.audit, this.policy.events, exchange);
  }

  /** The log has it always; a developer at this machine sees it where they look. */
  #errorFor(exchange: Exchange, { status }: Refusal): ShownError | undefined {
    if (status < 500 || exchange.failure === undefined) return undefined;
    if (this.policy.environment !== 'development' || !isAskedHere(exchange)) return undefined;
    return shownError(exchange.failure);
  }

  #decideFrom(exchange: Exchange, from: number): MaybePromise<Verdict> {
    for (let index = from; index < this.#onRequest.length; index += 1) {
      const step = this.#onRequest[index];
      if (step === undefined) continue;
      let verdict: MaybePromise<Verdict>;
      try {
        verdict = step.run(exchange);
      } catch (error) {
        verdict = this.#failed(exchange, step, error);
      }
      if (verdict === undefined) continue;
      if (verdict instanceof Promise) return this.#decideLater(exchange, step, verdict, index + 1);
      const settled = this.#settle(exchange, step, verdict);
      if (settled !== undefined) return settled;
    }
    return undefined;
  }

  async #decideLater(
    exchange: Exchange,
    step: Named,
    pending: Promise<Verdict>,
    next: number,
  ): Promise<Verdict> {
    const verdict = await pending.catch((error: unknown) => this.#failed(exchange, step, error));
    return this.#settle(exchange, step, verdict) ?? this.#decideFrom(exchange, next);
  }

  /** What a guard's no comes to in its mode. */
  #settle(exchange: Exchange, { name, mode }: Named, verdict: Verdict): Verdict {
    if (verdict === undefined || mode === 'off') return undefined;
    // Told when it was thrown.
    if (verdict === exchange.get(THROWN)) return verdict;
    const observed = mode === 'observe';
    this.#record(exchange, name, verdict, observed);
    return observed ? undefined : verdict;
  }

  #record(exchange: Exchange, name: string, refusal: Refusal, observed: boolean): void {
    exchange.get(TRACED)?.note(name, refusal.status, observed);
    // A yes that needs no handler is counted nowhere.
    if (refusal.status < 300) return;
    const count = this.counts.get(name);
    if (count !== undefined) count[observed ? 'observed' : 'refused'] += 1;
    if (refusal.event === undefined) return;
    const { kind, details } = refusal.event;
    const all = { guard: name, status: refusal.status, type: refusal.type, ...details };
    this.audit.writeGated(kind, observed ? { ...all, observed } : all, exchange);
  }

  // A guard that breaks closes the door: an attacker who finds how to break one must not get past it.
  #failed(exchange: Exchange, { name }: Named, error: unknown): Refusal {
    // It read a body that is too large, or whose client went: told where it was cut, and nothing broke.
    if (isCutBody(error)) return exchange.get(THROWN) ?? INTERNAL_ERROR;
    this.audit.write(LAYER_EVENTS.guardFailed, { guard: name, error }, exchange);
    exchange.failure ??= error;
    return INTERNAL_ERROR;
  }
}

/** What a guard does to heads in its mode: made once, so that enforcing costs nothing for it. */
function overHead(guard: Guard, observations: Observations): Guard['onResponse'] {
  const { name, mode, onResponse, onObserve } = guard;
  if (onResponse === undefined || mode === 'enforce') return onResponse;
  // A guard that is off still stands here for the facts that it finds out about requests.
  if (mode === 'off') return undefined;
  return (exchange, head) => {
    const observed = new ObservedHead(head);
    onResponse(exchange, observed);
    observations.note(exchange, name, 'answer', observed.changes);
    onObserve?.(exchange, head);
  };
}

/** An answer that says all in its head (RFC 9110 15.3.5). */
function withoutContent({ headers = [] }: Refusal): Answer {
  return {
    status: 204,
    headers: [['Cache-Control', 'no-store'], ...headers],
    body: Buffer.alloc(0),
    close: false,
  };
}

/** An answer that a guard has whole. */
function withContent(
  { status, headers = [] }: Refusal,
  { type, body }: NonNullable<Refusal['content']>,
): Answer {
  const bytes = Buffer.from(body);
  const own: Answer['headers'] = [
    ['Content-Type', type],
    ['Content-Length', String(bytes.byteLength)],
  ];
  return { status, headers: [...own, ...headers], body: bytes, close: false };
}

function isCutBody(error: unknown): boolean {
  if (!(error instanceof BulwarkError)) return false;
  return error.code === 'ERR_BULWARK_BODY_TOO_LARGE' || error.code === 'ERR_BULWARK_CLIENT_GONE';
}

function overForward(guard: Guard, observations: Observations): Guard['onForward'] {
  const { name, mode, onForward } = guard;
  if (onForward === undefined || mode === 'enforce') return onForward;
  if (mode === 'off') return undefined;
  return (exchange, head) => {
    const observed = new ObservedForward(head);
    onForward(exchange, observed);
    observations.note(exchange, name, 'request', observed.changes);
  };
}

function stepOf<Run>({ name, mode }: Guard, run: Run): readonly Step<Run>[] {
  return run === undefined || run === null ? [] : [{ name, mode, run }];
}

/** What the application has said under these names stays beside ours; any other header is replaced. */
const KEPT_BESIDE: ReadonlyMap<string, HeaderKey> = new Map([
  ['Set-Cookie', 'set-cookie'],
  ['Vary', 'vary'],
]);

function addHeader(head: OutgoingHead, name: string, value: string): void {
  const key = KEPT_BESIDE.get(name);
  const present = key === undefined ? undefined : head.getHeader(key);
  if (present === undefined) head.setHeader(name, value);
  else
    head.setHeader(
      name,
      Array.isArray(present) ? [...(present as string[]), value] : [String(present), value],
    );
}
