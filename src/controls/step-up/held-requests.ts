/** Forms that wait in their sender's session until the sender has proved anew who they are. */
import type { DetailsOf, EventKind } from '../../core/events.ts';
import { type Exchange, type Principal } from '../../core/exchange.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import { isLocalPath } from '../../core/local-path.ts';
import { randomId } from '../../core/random.ts';
import { readSmallBody } from '../../core/small-body.ts';
import { type FormField, readForm } from './form-body.ts';
import { STEP_UP_EVENTS } from './step-up.events.ts';
import { STEP_UP_KEYS } from './step-up.keys.ts';

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
  /** The value under a key; undefined where there is none. */
  get(key: string): unknown;
  /** Changes a value by what is there, again where another request wrote meanwhile. */
  change(key: string, by: (value: unknown) => readonly string[] | undefined): Promise<void>;
  /** Whether the session can hold this value under the key, in place of the one that is there. */
  hasRoomFor(key: string, value: readonly string[]): boolean;
}

/** Writes one event, never throws. */
type HeldAudit = <Kind extends EventKind>(kind: Kind, details: DetailsOf<Kind>, exchange: Exchange) => void;

/** The content of a sealed form. Its proofs are those of the time: where they differ now, the person proved something since. */
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
const SEAL = STEP_UP_KEYS.heldRequest;
const ID_BYTES = 12;
/** What lies longer was forgotten: to send it after lunch would be a surprise. */
const KEPT_FOR_MS = 10 * 60_000;

/** Forms of one session: one for each tab in which somebody was asked for a proof, as far as there is room. */
const MOST_FORMS = 3;

/** Keeps the newest forms of a session: the oldest make room. */
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
   * Keeps the form that a request brings, beside those of other tabs. Returns its id, for the address of the page that
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
    let fits = false;
    await session.change(KEY, (value) => {
      const forms = [...formsOf(value), sealed].slice(-MOST_FORMS);
      while (forms.length > 1 && !session.hasRoomFor(KEY, forms)) forms.shift();
      fits = session.hasRoomFor(KEY, forms);
      return fits ? forms : formsOf(value);
    });
    return fits ? id : undefined;
  }

  /**
   * The form of this id, once its sender has proved anew who they are: another person at the same screen
   * learns nothing of it. Undefined: there is none, newer ones took its place, it is older than ten minutes, or there was
   * no proof yet.
   */
  held(exchange: Exchange, session: SessionValues, id: string | undefined): HeldRequest | undefined {
    return this.#find(exchange, session, id)?.held;
  }

  /** As {@link held}, and removes it. Of two calls at once one gets it. */
  async take(
    exchange: Exchange,
    session: SessionValues,
    id: string | undefined,
  ): Promise<HeldRequest | undefined> {
    const found = this.#find(exchange, session, id);
    if (found === undefined) return undefined;
    let taken = false;
    await session.change(KEY, (value) => {
      const forms = formsOf(value);
      const others = forms.filter((one) => one !== found.sealed);
      taken = others.length < forms.length;
      return others.length === 0 ? undefined : others;
    });
    return taken ? found.held : undefined;
  }

  #find(exchange: Exchange, session: SessionValues, id: string | undefined): Found | undefined {
    const principal = exchange.session?.principal;
    if (principal === undefined || id === undefined) return undefined;
    for (const sealed of formsOf(session.get(KEY))) {
      const kept = this.#open(exchange, principal, sealed);
      if (kept?.id !== id) continue;
      if (exchange.now - kept.at >= KEPT_FOR_MS || !wasProvedSince(kept, principal)) return undefined;
      return { sealed, held: { method: 'POST', target: kept.target, fields: kept.fields } };
    }
    return undefined;
  }

  #open(exchange: Exchange, principal: Principal, sealed: string): Kept | undefined {
    const opened = this.#keys.open(SEAL, sealed, owner(principal));
    if (opened === undefined) {
      this.#audit(STEP_UP_EVENTS.unsealed, { sealed: 'held request', account: principal.account }, exchange);
      return undefined;
    }
    return JSON.parse(opened.plaintext.toString()) as Kept;
  }
}

interface Found {
  readonly sealed: string;
  readonly held: HeldRequest;
}

/** Oldest first. A text alone is from a release that kept one. */
function formsOf(value: unknown): readonly string[] {
  const forms: readonly unknown[] = Array.isArray(value) ? value : [value];
  return forms.filter((one) => typeof one === 'string');
}

/** The context that a form is sealed for: another account cannot open it, even with the session's values at hand. */
function owner(principal: Principal): string {
  return JSON.stringify(['held request', principal.account]);
}

// Compared, not ordered: the clock of another process may be behind.
function wasProvedSince(kept: Kept, { signedInAt, mfaAt }: Principal): boolean {
  return signedInAt !== kept.signedInAt || (mfaAt !== undefined && mfaAt !== kept.mfaAt);
}

async function readFields({ body }: Exchange): Promise<readonly FormField[] | undefined> {
  if (body.declared.kind !== 'form') return undefined;
  const read = await readSmallBody(body);
  return typeof read === 'string' ? undefined : readForm(read.bytes);
}
