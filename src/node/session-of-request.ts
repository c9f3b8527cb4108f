/** What `req.session` is for one request: a copy of the session's values, and what became of it. */
import type { IncomingMessage } from 'node:http';
import { beginEmpty, endQuietly } from '../controls/sessions/empty-session.ts';
import { readValues, type JsonValue } from '../controls/sessions/session-data.ts';
import { type SessionState, stateOf } from '../controls/sessions/session-state.ts';
import { STAY_VALUE } from '../controls/sessions/session-stay.ts';
import { BulwarkError } from '../core/errors.ts';
import { parseJson } from '../core/parse-json.ts';
import { View, viewOf } from '../layer/view.ts';

/** Names that are the layer's own: no package sees them, and a new session of the application leaves them. */
const OF_THE_LAYER = /^bulwark[:.]/;

/** To the packages that use these, nothing in them is the same as none. Each visitor would begin a session for it. */
const NONE_WHERE_EMPTY = new Set(['flash', 'messages', 'passport']);
const EMPTY = /^(?:\{\}|\[\]|null)$/;

/** Called when it is done; with an error where it is not. */
export type SessionCallback = (error?: unknown) => void;

/** `req.session`: values by name, stored as the answer leaves where they changed. */
export interface RequestSession {
  [name: string]: unknown;
  /** Stores what changed, now. */
  save(done?: SessionCallback): this;
  /** Ends it, for an empty one under a new id. */
  regenerate(done?: SessionCallback): this;
  /** Ends it. `req.session` is undefined from then on. */
  destroy(done?: SessionCallback): this;
}

const FIX = 'mount it behind the layer: app.use(layer), then app.use(requestSession())';

/** Values by name, each as JSON: what is compared is what would be stored. */
type Texts = ReadonlyMap<string, string>;

/** The session of one request, as packages see it. */
export class SessionOfRequest {
  readonly #view: View;
  #given: RequestSession | undefined;
  #isAsked = false;
  /** What the store has, as far as this request knows. */
  #stored: Texts = new Map();
  /** Whom `regenerate` signed out, if nobody is signed in again; and what the layer had of that account. */
  #left: { readonly account: string; readonly values: ReadonlyMap<string, JsonValue> } | undefined;
  /** Changes, one after the other; undefined: none is under way. */
  #work: Promise<void> | undefined;

  /** Reads nothing yet: an answer that asks for no session may be kept by caches. */
  constructor(request: IncomingMessage) {
    this.#view = viewOf(request, FIX);
  }

  /** The value of `req.session`. */
  current(): RequestSession | undefined {
    if (!this.#isAsked) {
      this.#isAsked = true;
      const values = this.#read();
      this.#stored = textsIn(values);
      this.#given = makeSession(this, values);
    }
    return this.#given;
  }

  /** `req.session = null` leaves the session as it is. */
  replace(value: unknown): void {
    const own = this.current();
    if (value === own) return;
    if (value !== null && value !== undefined)
      throw invalid('req.session: it cannot be another object. Set its values, or call regenerate.');
    this.#given = undefined;
  }

  /** Stores what changed. */
  save(done?: SessionCallback): void {
    this.#run(() => this.#store(), done);
  }

  /**
   * An empty one is there at once. The old one ends before anybody is told: also where the answer has left or never does, or
   * where what comes behind fails, such as a sign-in.
   */
  regenerate(done?: SessionCallback): void {
    this.#given = makeSession(this, new Map());
    this.#run(async () => {
      this.#stored = new Map();
      await this.#empty();
    }, done);
  }

  /** Ends it, also where nobody waits for it. */
  destroy(done?: SessionCallback): void {
    this.#given = undefined;
    this.#run(async () => {
      this.#stored = new Map();
      if (this.#view.session.live) await this.#end();
    }, done);
  }

  /** What an answer has to wait for; undefined: nothing. */
  settle(): Promise<void> | undefined {
    if (!this.#isAsked) return undefined;
    try {
      if (this.#work === undefined && !this.#isChanged()) return undefined;
    } catch (error) {
      return Promise.reject(error);
    }
    this.#run(() => this.#store());
    return this.#work;
  }

  /** In turn. What fails is told to who asked, and where nobody did to the answer. */
  #run(change: () => Promise<void>, done?: SessionCallback): void {
    const before = this.#work ?? Promise.resolve();
    const after = before.then(change);
    const told =
      done === undefined
        ? after
        : after.then(
            // Its own errors are its own, and no failure of this one.
            () => process.nextTick(done),
            (error: unknown) => process.nextTick(done, error),
          );
    this.#work = told;
    const end = (): void => {
      if (this.#work === told) this.#work = undefined;
    };
    told.then(end, () => undefined);
  }

  /** Behind the answer too, where no cookie can be dropped any more: what the browser keeps then opens nothing. */
  async #end(): Promise<void> {
    const { session } = this.#view;
    const exchange = View.exchangeOf(this.#view);
    if (!exchange.headSent) return await session.signOut();
    const { idHash } = session;
    if (idHash !== undefined) await View.layerOf(this.#view).sessions.revoke(idHash, exchange);
  }

  async #empty(): Promise<void> {
    const { session } = this.#view;
    if (!session.live) return;
    if (View.exchangeOf(this.#view).headSent) return await this.#end();
    const account = session.principal?.account;
    if (account === undefined) return await beginEmpty(session, this.#state, isOfTheLayer);
    const values = readValues(this.#state.read()?.data ?? '{}');
    // A stay has ended with its session.
    for (const name of values.keys()) if (!isOfTheLayer(name) || name === STAY_VALUE) values.delete(name);
    await endQuietly(this.#state);
    this.#left = { account, values };
  }

  get #state(): SessionState {
    return stateOf(View.layerOf(this.#view).sessions, View.exchangeOf(this.#view));
  }

  #read(): ReadonlyMap<string, JsonValue> {
    const record = this.#state.read();
    if (record === undefined) return new Map();
    const values = readValues(record.data);
    for (const name of values.keys()) if (isOfTheLayer(name)) values.delete(name);
    // Whom passport kept, and who is signed in, are one: or nobody is.
    const kept = keptBy(values.get('passport'));
    if (kept !== undefined && nameOf(kept) !== record.account) values.delete('passport');
    return values;
  }

  #isChanged(): boolean {
    if (this.#left !== undefined) return true;
    if (this.#given === undefined) return false;
    const texts = textsIn(Object.entries(this.#given));
    return (
      texts.size !== this.#stored.size || [...texts].some(([name, text]) => this.#stored.get(name) !== text)
    );
  }

  async #store(): Promise<void> {
    if (!this.#isChanged()) return;
    const { session } = this.#view;
    const values = Object.entries(this.#given ?? {}) as [string, JsonValue][];
    const texts = textsIn(values);
    const kept = values.filter(([name]) => texts.has(name));
    const [account, before] = [accountIn(texts), accountIn(this.#stored)];
    const left = this.#left;
    this.#left = undefined;
    if (left !== undefined && account === undefined) this.#state.clearStorage();
    if (this.#given === undefined) return;
    const isOut = account === undefined && before !== undefined;
    const isIn = account !== undefined && account !== session.principal?.account;
    if (isOut) await this.#end();
    else for (const name of this.#stored.keys()) if (!texts.has(name)) await session.delete(name);
    if (isIn) {
      const ofLayer = left?.account === account ? left.values : [];
      await session.signIn({ account, values: Object.fromEntries([...ofLayer, ...kept]) });
    } else
      for (const [name, value] of kept)
        if (isOut || this.#stored.get(name) !== texts.get(name)) await session.set(name, value);
    this.#stored = texts;
  }
}

function isOfTheLayer(name: string): boolean {
  return OF_THE_LAYER.test(name);
}

/** What express-session has there, and the layer does not: an id that others know is one that opens the session. */
const ABSENT: ReadonlyMap<string, string> = new Map([
  ['id', 'no handler has it. bulwark.of(req).requestId is for a log'],
  ['cookie', "its life is a matter of the policy: session: { idle: '30m', absolute: '12h' }"],
  ['reload', 'what is there was read for this request'],
  ['touch', 'the layer notes each use'],
  ['resetMaxAge', 'the layer notes each use'],
]);

/** Methods that no loop over the values comes by. */
function makeSession(own: SessionOfRequest, values: ReadonlyMap<string, JsonValue>): RequestSession {
  const methods = Object.create(ABSENT_NAMES) as object;
  const session = Object.create(methods) as RequestSession;
  for (const name of ['save', 'regenerate', 'destroy'] as const)
    Object.defineProperty(methods, name, {
      value: (done?: SessionCallback) => {
        own[name](done);
        return session;
      },
    });
  // As its own, whatever it is called: `__proto__` too.
  for (const [name, value] of values)
    Object.defineProperty(session, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  return session;
}

// By that name an object has the setter of its prototype: with it, whoever chooses a name would take `save` away, or add to what
// is there. A value here that may be written makes it a name as any other.
const ABSENT_NAMES: object = Object.defineProperty({}, '__proto__', { value: undefined, writable: true });
for (const [name, why] of ABSENT) {
  const fail = (): never => {
    throw invalid(`req.session.${name}: ${why}.`);
  };
  Object.defineProperty(ABSENT_NAMES, name, { get: fail, set: fail });
}

function textsIn(values: Iterable<readonly [string, unknown]>): Texts {
  const texts = new Map<string, string>();
  for (const [name, value] of values) {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined || (NONE_WHERE_EMPTY.has(name) && EMPTY.test(text))) continue;
    texts.set(name, text);
  }
  return texts;
}

function accountIn(texts: Texts): string | undefined {
  const text = texts.get('passport');
  return text === undefined ? undefined : accountOf(parseJson(text));
}

/** The account of whom passport keeps; undefined: nobody. */
function accountOf(value: unknown): string | undefined {
  const kept = keptBy(value);
  if (kept === undefined) return undefined;
  const account = nameOf(kept);
  if (account !== undefined) return account;
  throw invalid(
    'requestSession: what serializeUser hands over names no account. Hand over a text, a number, or an object with an id and nothing else: done(null, user.id). Where users are of several kinds, a text with the kind: done(null, `${user.type}:${user.id}`).',
  );
}

/** Whom passport keeps; undefined: nobody. */
function keptBy(value: unknown): unknown {
  const kept = (value as { readonly user?: unknown } | null | undefined)?.user;
  return kept === null || kept === false || kept === '' ? undefined : kept;
}

/** The account that it names. Of an object with more, such as a kind, the id alone may be that of two people. */
function nameOf(kept: unknown): string | undefined {
  const named = typeof kept === 'object' && kept !== null ? onlyId(kept) : kept;
  const isName = (typeof named === 'string' && named !== '') || typeof named === 'number';
  return isName ? String(named) : undefined;
}

function onlyId(kept: object): unknown {
  const [entry, ...more] = Object.entries(kept);
  return entry !== undefined && /^_?id$/.test(entry[0]) && more.length === 0 ? entry[1] : undefined;
}

function invalid(message: string): BulwarkError {
  return new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', message);
}
