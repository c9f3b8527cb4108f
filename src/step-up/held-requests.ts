/** Forms that wait in their sender's session until the sender has proved anew who they are. */
import type { EventName } from '../core/events.ts';
import { type Exchange, header, type Principal } from '../core/exchange.ts';
import { bodyKind } from '../core/form-field.ts';
import type { KeyRing } from '../core/key-ring.ts';
import { isLocalPath } from '../core/local-path.ts';
import { randomId } from '../core/random.ts';
import { type FormField, readForm } from './form-body.ts';

/** A form that was sent too early, to be sent again by its sender: a page shows it with a button. */
export interface HeldRequest {
  readonly method: 'POST';
  /** Path and query on this site, for `action`. Escape it. */
  readonly target: string;
  /** As they were sent and in their order, without the CSRF token: for `<input type="hidden">`. Escape both. */
  readonly fields: readonly FormField[];
}

/** What is needed of a session: a handle on one is this. */
export interface SessionValues {
  get(key: string): unknown;
  set(key: string, value: string): Promise<void>;
  take(key: string, text: string): Promise<boolean>;
  hasRoomFor(key: string, value: string): boolean;
}

/** Writes one event, never throws. */
type HeldAudit = (event: EventName, details: Readonly<Record<string, unknown>>, exchange: Exchange) => void;

/** What is sealed. The proofs are those of the time: where they have changed, there was another. */
interface Kept {
  readonly id: string;
  readonly at: number;
  readonly signedInAt: number;
  readonly mfaAt: number | null;
  readonly target: string;
  readonly fields: readonly FormField[];
}

/** The key in the session. Sealed, so that a password that someone typed into the form lies in no store in clear. */
const KEY = 'bulwark.held-request';
const SEAL = 'held-request-seal';
const ID_BYTES = 12;
const MAX_BODY_BYTES = 64 * 1024;
/** What lies longer was forgotten: to send it after lunch would be a surprise. */
const KEPT_FOR_MS = 10 * 60_000;

/** Keeps at most one form in a session: the newest. */
export class HeldRequests {
  readonly #keys: KeyRing;
  readonly #csrfField: string;
  readonly #audit: HeldAudit;

  /** @param csrfField - left out of what is kept: the page that sends it again has a token of its own */
  constructor(keys: KeyRing, csrfField: string, audit: HeldAudit) {
    this.#keys = keys;
    this.#csrfField = csrfField;
    this.#audit = audit;
  }

  /**
   * Keeps the form that a request brings, in place of an earlier one. Returns its id, for the address of the page that
   * asks for the proof. Undefined: it is no form, too large, or there is no room in the session; nothing was kept.
   *
   * @throws what the session throws where it is over or its store fails
   */
  async hold(exchange: Exchange, principal: Principal, session: SessionValues): Promise<string | undefined> {
    const { target } = exchange;
    // A browser sends forms by POST alone, and what is put into `action` must not lead away.
    if (exchange.request.method !== 'POST' || !isLocalPath(target)) return undefined;
    const fields = await readFields(exchange);
    if (fields === undefined) return undefined;
    const id = randomId(ID_BYTES);
    const kept: Kept = {
      id,
      at: exchange.now,
      signedInAt: principal.signedInAt,
      mfaAt: principal.mfaAt ?? null,
      target,
      fields: fields.filter(([name]) => name !== this.#csrfField),
    };
    const sealed = this.#keys.seal(SEAL, Buffer.from(JSON.stringify(kept)), owner(principal));
    if (!session.hasRoomFor(KEY, sealed)) return undefined;
    await session.set(KEY, sealed);
    return id;
  }

  /**
   * The form of this id, once its sender has proved anew who they are: whoever sits down at their screen learns nothing
   * of what they typed. Undefined: there is none, another one took its place, it is older than ten minutes, or there was
   * no proof yet.
   */
  held(exchange: Exchange, session: SessionValues, id: string | undefined): HeldRequest | undefined {
    const kept = this.#open(exchange, session.get(KEY), id);
    return kept === undefined ? undefined : { method: 'POST', target: kept.target, fields: kept.fields };
  }

  /** As {@link held}, and removes it. Of two calls at once one gets it. */
  async take(
    exchange: Exchange,
    session: SessionValues,
    id: string | undefined,
  ): Promise<HeldRequest | undefined> {
    const sealed = session.get(KEY);
    const held = this.held(exchange, session, id);
    if (held === undefined || typeof sealed !== 'string') return undefined;
    return (await session.take(KEY, sealed)) ? held : undefined;
  }

  #open(exchange: Exchange, sealed: unknown, id: string | undefined): Kept | undefined {
    const principal = exchange.session?.principal;
    if (principal === undefined || typeof sealed !== 'string' || id === undefined) return undefined;
    const opened = this.#keys.open(SEAL, sealed, owner(principal));
    if (opened === undefined) {
      this.#audit('crypt_decrypt_fail', { sealed: 'held request', account: principal.account }, exchange);
      return undefined;
    }
    const kept = JSON.parse(opened.plaintext.toString()) as Kept;
    if (kept.id !== id || exchange.now - kept.at >= KEPT_FOR_MS) return undefined;
    return wasProvedSince(kept, principal) ? kept : undefined;
  }
}

/** What a form is sealed for. Another account finds nothing of it, however it came by the session's values. */
function owner(principal: Principal): string {
  return JSON.stringify(['held request', principal.account]);
}

// Compared, not ordered: the clock of another process may be behind.
function wasProvedSince(kept: Kept, { signedInAt, mfaAt }: Principal): boolean {
  return signedInAt !== kept.signedInAt || (mfaAt !== undefined && mfaAt !== kept.mfaAt);
}

async function readFields(exchange: Exchange): Promise<readonly FormField[] | undefined> {
  if (bodyKind(exchange) !== 'form') return undefined;
  // Who declares more is not asked for any of it.
  if (Number(header(exchange.request, 'content-length') ?? 0) > MAX_BODY_BYTES) return undefined;
  const body = await exchange.peekBody(MAX_BODY_BYTES);
  return body === undefined ? undefined : readForm(body);
}
