/** What a handler sees of the layer: `bulwark.of(request)`. */
import { BulwarkError } from '../core/errors.ts';
import {
  type Client,
  type Exchange,
  type Principal,
  principalOf,
  SIGNED,
  type SignedDelivery,
  UNKNOWN_WHO,
} from '../core/exchange.ts';
import { cutForLog } from '../core/log-text.ts';
import type { Refusable } from '../core/refuse.ts';
import type { Slot } from '../core/slot.ts';
import { tended } from '../core/tended.ts';
import type { Refusal } from '../core/verdict.ts';
import { THROWN } from '../controls/access/permissions.ts';
import { makeState } from '../controls/csrf/accept.ts';
import { makeCsrfToken } from '../controls/csrf/csrf-token.ts';
import type { Layer } from './layer.ts';
import type { HeldRequest } from '../controls/step-up/held-requests.ts';
import { SessionHandle } from '../controls/sessions/session-handle.ts';
import type { ApplicationAudit } from './application-audit.ts';
import { LAYER_EVENTS } from './layer.events.ts';

/** One exchange, as its handler sees it. */
export class View implements Refusable {
  readonly #layer: Layer;
  readonly #exchange: Exchange;
  #session: SessionHandle | undefined;

  constructor(layer: Layer, exchange: Exchange) {
    this.#layer = layer;
    this.#exchange = exchange;
  }

  /** Whether a view is of this copy of the package: the layer behind another copy's cannot be told from here. */
  static isOfThisCopy(view: View): boolean {
    return #layer in view;
  }

  /** The layer behind a view: for the host, never for handlers, since it holds the keys. */
  static layerOf(view: View): Layer {
    return view.#layer;
  }

  /** The exchange behind a view: for the host, as above. */
  static exchangeOf(view: View): Exchange {
    return view.#exchange;
  }

  /**
   * The session, also for a visitor who has none yet: nothing is stored until something is set. A request by an API token
   * has none, whatever cookies come with it.
   */
  get session(): SessionHandle {
    this.#exchange.sessionRead = true;
    this.#session ??= new SessionHandle(this.#layer.sessions, this.#exchange);
    return this.#session;
  }

  /**
   * Who is signed in, or by whose API token the request is made (`via`), if anyone's.
   *
   * @throws StoreDownError where the store of sessions is gone, and that cannot be known. Let it pass: a 500 that comes
   * of it leaves as 503.
   */
  get principal(): Principal | undefined {
    this.#lookAtSession();
    return principalOf(this.#exchange);
  }

  /**
   * The form that was sent too early (`access.stepUp`), once its sender has proved anew who they are; stays kept. For a
   * page with a form of hidden fields and a button.
   *
   * @param id - the value of `held` in the address that led to the step-up page
   */
  heldRequest(id: string | undefined): HeldRequest | undefined {
    return this.#layer.heldRequests.held(this.#exchange, this.session, id);
  }

  /** As {@link heldRequest}, and removes it: of two calls at once one gets it. */
  takeHeldRequest(id: string | undefined): Promise<HeldRequest | undefined> {
    const taking = this.#layer.heldRequests.take(this.#exchange, this.session, id);
    return tended(taking, (error) => {
      this.#layer.audit.write(
        LAYER_EVENTS.unheard,
        { error, reason: 'a held form was not taken, and nobody awaited it' },
        this.#exchange,
      );
    });
  }

  /** The nonce of this response, for `<script nonce>` and `<style nonce>`: the same one the header names. */
  get nonce(): string {
    this.#exchange.nonceTaken = true;
    return this.#exchange.nonce;
  }

  /** A token for the field `_csrf` or the header `X-CSRF-Token`; empty for a visitor, who needs none. */
  get csrfToken(): string {
    this.#lookAtSession();
    const { session } = this.#exchange;
    return session === undefined ? '' : makeCsrfToken(this.#layer.policy.keys, session.idHash);
  }

  /**
   * A state to take along to a provider or a bank that posts its answer to a route with `csrf: { accept }`: it comes back in
   * that field, from this browser alone, once, within 15 minutes. Sets a cookie.
   *
   * @param path - of the route that the answer comes back to, as it is asked for: `'/login/with/apple/callback'`
   * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where no rule of the policy takes a post there
   * @throws BulwarkError ERR_BULWARK_HEAD_SENT where the head has left, and no cookie can be set
   */
  returnState(path: string): string {
    const { policy } = this.#layer;
    if (typeof path !== 'string' || policy.routes.find('POST', path).accept === undefined) {
      const at = typeof path === 'string' && path.startsWith('/') ? cutForLog(path) : '/path';
      const fix = `routes: { 'POST ${at}': { csrf: { accept: 'state' } } }`;
      throw new BulwarkError(
        'ERR_BULWARK_INVALID_ARGUMENT',
        `returnState: path: no route takes a post from elsewhere there. Write ${fix}`,
      );
    }
    if (this.#exchange.headSent) {
      const reason = 'returnState: the head of the answer has left. Call it before you write the answer';
      throw new BulwarkError('ERR_BULWARK_HEAD_SENT', reason);
    }
    return makeState(this.#exchange, policy.keys, path);
  }

  /** What was delivered to a route with `webhook`, as its sender calls it: to take a delivery that comes again once. */
  get delivery(): SignedDelivery | undefined {
    return this.#exchange.get(SIGNED);
  }

  /** Who is asking, as far as the network tells. */
  get client(): Client {
    return this.#exchange.client;
  }

  /** Random, made here; the same one that is in the log and in refusals. */
  get requestId(): string {
    return this.#exchange.id;
  }

  /**
   * Aborts where nobody waits any more for what the handler does; hand it on to whatever takes long. Its reason is an error
   * with a code: `ERR_BULWARK_ANSWER_REPLACED` (the layer has answered), `ERR_BULWARK_CLIENT_GONE`, or
   * `ERR_BULWARK_SESSION_OVER`, where this process ended the session, or found that it has ended.
   *
   * @example
   * ```ts
   * const { signal } = bulwark.of(request);
   * const report = await fetch(REPORTS, { signal });
   * ```
   */
  get signal(): AbortSignal {
    return this.#exchange.signal;
  }

  /** What a guard of yours kept for the handler (`exchange.set(TENANT, tenant)`): nothing, where none did. */
  get<Kept>(slot: Slot<Kept>): Kept | undefined {
    return this.#exchange.get(slot);
  }

  /** For rooms that a handler calls, not for handlers. */
  refuse(guard: string, refusal: Refusal, ends: boolean): void {
    this.#layer.report(this.#exchange, guard, refusal);
    if (ends) this.#exchange.set(THROWN, refusal);
  }

  /** Notes that the answer depends on the principal. Throws where the store is gone and the principal is not known. */
  #lookAtSession(): void {
    this.#exchange.sessionRead = true;
    const failure = this.#exchange.get(UNKNOWN_WHO);
    if (failure !== undefined) throw failure;
  }

  /**
   * Writes an event to the audit log: one of docs/events.md by its name, or one that the application declared (`events`
   * of the policy), with the details that it declares. Never throws; good on its own, away from the view.
   */
  get audit(): ApplicationAudit {
    return this.#layer.applicationAudit(this.#exchange);
  }
}

// One key for all copies of the package in a process: the copy that a bundler put into pages finds the server's view.
const VIEW = Symbol.for('bulwark.view');

interface Viewed {
  [VIEW]?: View;
}

/** Puts a view on the framework's request object. */
export function attachView(request: object, view: View): void {
  (request as Viewed)[VIEW] = view;
}

/** The view of a request that went through a layer already. */
export function attachedView(request: object): View | undefined {
  return (request as Viewed)[VIEW];
}

/** Notes why the application failed, for the log and for a developer: its answer is going to be replaced. */
export function noteFailure(request: object, error: unknown): void {
  const view = attachedView(request);
  if (view !== undefined && error !== undefined) View.exchangeOf(view).failure = error;
}

/**
 * The view of a request.
 *
 * @param fix - what to write in this framework, for the error
 * @throws BulwarkError ERR_BULWARK_NOT_PROTECTED where the request did not come through the layer
 */
export function viewOf(request: object, fix: string): View {
  const view = (request as Viewed | null | undefined)?.[VIEW];
  if (view !== undefined) return view;
  throw new BulwarkError('ERR_BULWARK_NOT_PROTECTED', `this request did not come through the layer: ${fix}`);
}
