/** `bulwark/webhooks`: deliveries to addresses that customers give, signed and tried again (Standard Webhooks 1.0). */
import { createHmac, randomInt } from 'node:crypto';
import { BulwarkError } from '../../core/errors.ts';
import type { Audit } from '../../core/events.ts';
import { LAYER_PARTS } from '../../core/layer-parts.ts';
import { randomId } from '../../core/random.ts';
import { tendMethods } from '../../core/tended.ts';
import { checkPayload, checkSecrets, SENDER_CALLS } from './sender.calls.ts';
import { keyOf } from './signatures.ts';
import { WEBHOOKS_EVENTS } from './webhooks.events.ts';

/** Where deliveries of one customer go. */
export interface WebhookEndpoint {
  /** As the customer typed it: it is asked through `Outbound`, and so judged each time. */
  readonly url: string;
  /**
   * `whsec_` and 24 to 64 random bytes in base64. Two while one is changed: the delivery is signed with both, and the receiver takes
   * either.
   */
  readonly secrets: readonly string[];
}

/** One delivery on its way. It has no secret in it, and may be stored. */
export interface Delivery {
  /** The same at each try: receivers know by it what they have already. */
  readonly id: string;
  readonly endpoint: string;
  readonly body: string;
  /** Tries so far. */
  readonly tries: number;
  /** When it is tried next, in milliseconds since 1970. */
  readonly due: number;
}

/** Where deliveries are kept that are on their way, so that they outlive the process. Methods may answer with a promise. */
export interface DeliveryStore {
  /** Keeps one, or what became of it. */
  readonly save: (delivery: Delivery) => unknown;
  readonly remove: (id: string) => unknown;
  /** All that are kept, in any order: asked once, by `resume`. */
  readonly list: () => readonly Delivery[] | Promise<readonly Delivery[]>;
}

/** Why a delivery ended without having arrived. */
export type DeliveryEnd = 'gone' | 'refused' | 'given-up' | 'no-endpoint';

/** How deliveries are sent. */
export interface WebhookSetup {
  /** Asks: `Outbound.of(layer)`. */
  readonly outbound: { readonly fetch: (address: string, init: object) => Promise<Response> };
  /** An endpoint by its name, read anew at each try; undefined where there is none any more. */
  readonly endpoint: (name: string) => WebhookEndpoint | undefined | Promise<WebhookEndpoint | undefined>;
  /** Without one, deliveries that are on their way end with the process. */
  readonly store?: DeliveryStore;
  /** Milliseconds before each further try: default 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, as the standard has them. */
  readonly retries?: readonly number[];
  /** Deliveries under way at once: default 10. */
  readonly atOnce?: number;
  /** Deliveries that wait for their time: default 10,000. */
  readonly waiting?: number;
  /** Hears of a delivery that ended without having arrived: an endpoint that is `gone` (410) wants no more. */
  readonly ended?: (delivery: Delivery, why: DeliveryEnd) => void;
}

/** What it needs of a layer: what `bulwark(policy)` gives back has it. */
export interface WebhookLayer {
  readonly [LAYER_PARTS]: { readonly audit: Audit };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const RETRIES = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** A receiver that says when to come again is asked no later than this. */
const LONGEST_WAIT = 24 * HOUR;
/** Of the pause: deliveries that failed together do not come back together. */
const JITTER = 0.2;

/** Sends deliveries. */
export class Webhooks {
  readonly #setup: Required<Omit<WebhookSetup, 'store' | 'ended'>> & Pick<WebhookSetup, 'store' | 'ended'>;
  readonly #audit: Audit;
  readonly #waiting = new Map<string, Delivery>();
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  private constructor(audit: Audit, setup: WebhookSetup) {
    this.#audit = audit;
    this.#setup = { retries: RETRIES, atOnce: 10, waiting: 10_000, ...setup };
  }

  /**
   * Of a layer.
   *
   * @example
   * ```ts
   * const webhooks = Webhooks.of(layer, { outbound: Outbound.of(layer), endpoint: (name) => endpoints.get(name) });
   * await webhooks.resume();
   * await webhooks.send('customer-7', 'invoice.paid', { id: 'in_1' });
   * ```
   */
  static of(layer: WebhookLayer, setup: WebhookSetup): Webhooks {
    SENDER_CALLS.of(layer, setup);
    return new Webhooks(layer[LAYER_PARTS].audit, setup);
  }

  /**
   * Sends what happened, as `{ type, timestamp, data }`: at once, and again where it does not arrive. Kept before it answers.
   *
   * @param endpoint - the name that `endpoint` of the setup knows
   * @param type - of the event, such as `invoice.paid`
   * @returns the id of the delivery
   * @throws BulwarkError ERR_BULWARK_QUEUE_FULL where too many wait
   */
  async send(endpoint: string, type: string, data: unknown): Promise<string> {
    SENDER_CALLS.send(endpoint, type, data);
    if (this.#waiting.size >= this.#setup.waiting)
      throw new BulwarkError('ERR_BULWARK_QUEUE_FULL', 'Too many webhooks wait to be delivered.');
    const now = Date.now();
    const body = JSON.stringify({ type, timestamp: new Date(now).toISOString(), data });
    checkPayload(body);
    const delivery = { id: `msg_${randomId(20)}`, endpoint, body, tries: 0, due: now };
    await this.#setup.store?.save(delivery);
    this.#wait(delivery);
    return delivery.id;
  }

  /** Goes on with what the store has kept: once, at the start. */
  async resume(): Promise<void> {
    for (const delivery of (await this.#setup.store?.list()) ?? []) this.#waiting.set(delivery.id, delivery);
    this.#plan();
  }

  /** How many are on their way. */
  get size(): number {
    return this.#waiting.size + this.#underWay;
  }

  /** Begins no more tries. What the store has is there for the next process. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #wait(delivery: Delivery): void {
    this.#waiting.set(delivery.id, delivery);
    this.#plan();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#isOver || this.#underWay >= this.#setup.atOnce) return;
    let next: Delivery | undefined;
    for (const one of this.#waiting.values()) if (next === undefined || one.due < next.due) next = one;
    if (next === undefined) return;
    const due = next;
    const delay = Math.min(Math.max(0, due.due - Date.now()), LONGEST_WAIT);
    this.#timer = setTimeout(() => this.#start(due), delay).unref();
  }

  #start(delivery: Delivery): void {
    // A clock that was set back, or a pause longer than timers go.
    if (delivery.due > Date.now() + SECOND || !this.#waiting.delete(delivery.id)) return this.#plan();
    this.#underWay += 1;
    void this.#try(delivery)
      .catch((error: unknown) =>
        this.#audit(WEBHOOKS_EVENTS.lost, { id: delivery.id, reason: String(error) }),
      )
      .finally(() => {
        this.#underWay -= 1;
        this.#plan();
      });
    this.#plan();
  }

  async #try(delivery: Delivery): Promise<void> {
    const { endpoint, store } = this.#setup;
    const to = await endpoint(delivery.endpoint);
    if (to === undefined) return await this.#end(delivery, 'no-endpoint');
    const answer = await this.#ask(delivery, to);
    if (answer === 'arrived') return void (await store?.remove(delivery.id));
    if (typeof answer === 'string') return await this.#end(delivery, answer);
    const pause = this.#setup.retries[delivery.tries];
    if (pause === undefined) return await this.#end(delivery, 'given-up');
    const spread = 1 + (JITTER * randomInt(1000)) / 1000;
    const due = Date.now() + Math.max(pause * spread, Math.min(answer.after, LONGEST_WAIT));
    const again = { ...delivery, tries: delivery.tries + 1, due };
    await store?.save(again);
    this.#wait(again);
  }

  async #ask(
    { id, body }: Delivery,
    { url, secrets }: WebhookEndpoint,
  ): Promise<'arrived' | 'gone' | 'refused' | { readonly after: number }> {
    checkSecrets(secrets);
    try {
      const answer = await this.#setup.outbound.fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...signed(id, body, secrets) },
        body,
      });
      // What it says is not asked for.
      await answer.body?.cancel();
      // What was led on may have been asked for again without a body (301, 302 and 303 make a GET of it): nobody took it.
      if (answer.ok && !answer.redirected) return 'arrived';
      return answer.status === 410 ? 'gone' : { after: retryAfter(answer) };
    } catch (error) {
      return (error as { code?: unknown }).code === 'ERR_BULWARK_OUTBOUND_REFUSED' ? 'refused' : { after: 0 };
    }
  }

  async #end(delivery: Delivery, why: DeliveryEnd): Promise<void> {
    await this.#setup.store?.remove(delivery.id);
    const { id, endpoint, tries } = delivery;
    this.#audit(WEBHOOKS_EVENTS.undelivered, { id, endpoint, reason: why, tries });
    this.#setup.ended?.(delivery, why);
  }

  static {
    tendMethods(Webhooks, (its) => its.#audit);
  }
}

/** Signed now, by each secret: the time is part of it, and receivers take no old one. */
function signed(id: string, body: string, secrets: readonly string[]): Readonly<Record<string, string>> {
  const time = Math.floor(Date.now() / 1000);
  const tags = secrets.map((secret) => {
    const key = keyOf('standard', secret);
    return `v1,${createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(time), 'webhook-signature': tags.join(' ') };
}

/** Milliseconds that a receiver asks for. */
function retryAfter({ headers }: Response): number {
  const said = headers.get('retry-after') ?? '';
  if (/^\d{1,9}$/.test(said)) return Number(said) * SECOND;
  const at = Date.parse(said);
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now());
}
