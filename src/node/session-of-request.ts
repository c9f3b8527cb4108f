/** What `req.session` is for one request: a copy of the session's values, and what became of it. */
import type { IncomingMessage } from 'node:http';
import { readValues, type JsonValue } from '../controls/sessions/session-data.ts';
import { stateOf } from '../controls/sessions/session-state.ts';
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
  /** A new session under a new id, empty, in the place of this one. */
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
  /** Whether it is to be another one, under a new id. */
  #isNew = false;
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

  /** An empty one is there at once, and its id as soon as something is stored. */
  regenerate(done?: SessionCallback): void {
    this.#isNew = true;
    this.#given = makeSession(this, new Map());
    this.#run(() => Promise.resolve(), done);
  }

  /** Ends it, also where nobody waits for it. */
  destroy(done?: SessionCallback): void {
    this.#given = undefined;
    this.#run(async () => {
      this.#stored = new Map();
      this.#isNew = false;
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

  #read(): ReadonlyMap<string, JsonValue> {
    const state = stateOf(View.layerOf(this.#view).sessions, View.exchangeOf(this.#view));
    const record = state.read();
    if (record === undefined) return new Map();
    const values = readValues(record.data);
    for (const name of values.keys()) if (OF_THE_LAYER.test(name)) values.delete(name);
    // Whom passport kept, and who is signed in, are one: or nobody is.
    const account = accountOf(values.get('passport'));
    if (account !== undefined && account !== record.account) values.delete('passport');
    return values;
  }

  #isChanged(): boolean {
    if (this.#given === undefined) return false;
    const texts = textsIn(Object.entries(this.#given));
    if (this.#isNew) return texts.size > 0 || this.#view.session.live;
    return (
      texts.size !== this.#stored.size || [...texts].some(([name, text]) => this.#stored.get(name) !== text)
    );
  }

  async #store(): Promise<void> {
    if (this.#given === undefined || !this.#isChanged()) return;
    const { session } = this.#view;
    const values = Object.entries(this.#given) as [string, JsonValue][];
    const texts = textsIn(values);
    const kept = values.filter(([name]) => texts.has(name));
    const [account, before] = [accountIn(texts), accountIn(this.#stored)];
    const isOut =
      account === undefined && (before !== undefined || (this.#isNew && session.principal !== undefined));
    const isIn = account !== undefined && (this.#isNew || account !== session.principal?.account);
    if (isOut) await this.#end();
    else for (const name of this.#stored.keys()) if (!texts.has(name)) await session.delete(name);
    if (isIn) await session.signIn({ account, values: Object.fromEntries(kept) });
    else {
      if (this.#isNew && session.live) await session.beginAnew();
      const isSame = !isOut && !this.#isNew;
      for (const [name, value] of kept)
        if (!isSame || this.#stored.get(name) !== texts.get(name)) await session.set(name, value);
    }
    this.#stored = texts;
    this.#isNew = false;
  }
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

const ABSENT_NAMES: object = {};
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
  const kept = (value as { readonly user?: unknown } | null | undefined)?.user;
  if (kept === undefined || kept === null || kept === false || kept === '') return undefined;
  const named = typeof kept === 'object' ? ((kept as Kept).id ?? (kept as Kept)._id) : kept;
  if ((typeof named === 'string' && named !== '') || typeof named === 'number') return String(named);
  throw invalid(
    'requestSession: what serializeUser hands over names no account. Hand over a text, a number, or an object with an id: done(null, user.id).',
  );
}

interface Kept {
  readonly id?: unknown;
  readonly _id?: unknown;
}

function invalid(message: string): BulwarkError {
  return new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', message);
}
