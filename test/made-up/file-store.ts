/**
 * A store that keeps each record in a file of its own: written beside the old one and put in its place, so that a crash leaves
 * one or the other. One process at a time: what a method does is done before the next begins.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BulwarkError, type State } from 'bulwark';

type SessionStore = State['sessions'];
type CounterStore = State['counters'];
type SessionRecord = Parameters<SessionStore['create']>[0];
type Rate = Parameters<CounterStore['take']>[1];
type Answer = Awaited<ReturnType<CounterStore['take']>>;

const MOST_TOKENS = 64;
const MOST_SWEPT = 1000;
const REPLACED_FOR_MS = 60_000;
const CLOCKS_APART_MS = 600_000;

/** Sessions and counters in the files of a directory. */
export function files(directory: string): State {
  const turns = new Turns();
  return {
    reach: 'process',
    sessions: inTurn(new FileSessions(directory), turns),
    counters: inTurn(new FileCounters(directory), turns),
    close: () => turns.run(async () => undefined),
  };
}

/** One thing after another. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

type Methods = Readonly<Record<string, (...values: readonly never[]) => Promise<unknown>>>;

/** Each method, in its turn. */
function inTurn<Port extends object>(port: Port, turns: Turns): Port {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(port)).filter(
    (name) => name !== 'constructor',
  );
  const waiting = names.map((name) => {
    const method = (port as unknown as Methods)[name]?.bind(port);
    return [name, (...values: readonly never[]) => turns.run(async () => method?.(...values))] as const;
  });
  return Object.fromEntries(waiting) as Port;
}

/** Values by their keys, a file each. A key may be any text, and a file name may not. */
class Folder<Value> {
  readonly #path: string;

  constructor(...path: readonly string[]) {
    this.#path = join(...path);
  }

  async get(key: string): Promise<Value | undefined> {
    return (await this.#read(nameOf(key)))?.value;
  }

  async set(key: string, value: Value): Promise<void> {
    await mkdir(this.#path, { recursive: true });
    const file = join(this.#path, nameOf(key));
    await writeFile(`${file}.new`, JSON.stringify({ key, value }), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  async delete(key: string): Promise<boolean> {
    const done = unlink(join(this.#path, nameOf(key))).then(() => true);
    return (await orMissing(done)) ?? false;
  }

  async entries(): Promise<readonly { readonly key: string; readonly value: Value }[]> {
    const all = await Promise.all((await this.#names()).map((name) => this.#read(name)));
    return all.filter((entry) => entry !== undefined);
  }

  async size(): Promise<number> {
    return (await this.#names()).length;
  }

  async #names(): Promise<readonly string[]> {
    const names = (await orMissing(readdir(this.#path))) ?? [];
    return names.filter((name) => !name.endsWith('.new'));
  }

  async #read(name: string): Promise<{ readonly key: string; readonly value: Value } | undefined> {
    const text = await orMissing(readFile(join(this.#path, name), 'utf8'));
    return text === undefined ? undefined : (JSON.parse(text) as { key: string; value: Value });
  }
}

function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

async function orMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A session with its one-time tokens: they end with it. */
interface Kept {
  readonly record: SessionRecord;
  readonly tokens: readonly { readonly hash: string; readonly expiresAt: number }[];
}

class FileSessions implements SessionStore {
  readonly #sessions: Folder<Kept>;
  readonly #replaced: Folder<number>;

  constructor(directory: string) {
    this.#sessions = new Folder(directory, 'sessions');
    this.#replaced = new Folder(directory, 'replaced');
  }

  async find(idHash: string, now: number): Promise<SessionRecord | undefined> {
    return (await this.#live(idHash, now))?.record;
  }

  async create(record: SessionRecord): Promise<void> {
    if ((await this.#sessions.get(record.idHash)) !== undefined)
      throw new BulwarkError('ERR_BULWARK_STORE', 'A session with this id hash is stored already.');
    await this.#sessions.set(record.idHash, { record, tokens: [] });
  }

  async use(idHash: string, now: number, noteEvery: number): Promise<SessionRecord | 'replaced' | undefined> {
    const kept = await this.#live(idHash, now);
    if (kept === undefined) return ((await this.#replaced.get(idHash)) ?? 0) > now ? 'replaced' : undefined;
    const { record, tokens } = kept;
    if (now <= record.seenAt || now - record.seenAt < noteEvery) return record;
    const used = { ...record, seenAt: now };
    await this.#sessions.set(idHash, { record: used, tokens });
    return used;
  }

  async update(
    idHash: string,
    version: number,
    change: { readonly data: string; readonly device?: string },
    now: number,
  ): Promise<boolean> {
    const kept = await this.#live(idHash, now);
    if (kept?.record.version !== version) return false;
    await this.#sessions.set(idHash, {
      ...kept,
      record: { ...kept.record, ...change, version: version + 1 },
    });
    return true;
  }

  async replace(idHash: string, record: SessionRecord, now: number): Promise<boolean> {
    if ((await this.#live(idHash, now)) === undefined) return false;
    // First, since it may refuse: then the old session stays.
    await this.create(record);
    await this.#replaced.set(idHash, now + REPLACED_FOR_MS);
    return await this.#sessions.delete(idHash);
  }

  // One after the other, as all of it: nothing comes between the count and the session.
  async createWithin(
    record: SessionRecord,
    cap: { readonly most: number; readonly endsOldest: boolean; readonly replaces?: string },
    now: number,
  ): Promise<readonly string[] | 'full' | 'over'> {
    const { most, endsOldest, replaces } = cap;
    if (replaces !== undefined && (await this.#live(replaces, now)) === undefined) return 'over';
    const others = (await this.list(record.account ?? '', now))
      .filter(({ idHash }) => idHash !== replaces)
      .toSorted((a, b) => a.createdAt - b.createdAt || (a.idHash < b.idHash ? -1 : 1));
    const tooMany = Math.max(0, others.length - most + 1);
    if (tooMany > 0 && !endsOldest) return 'full';
    if (replaces === undefined) await this.create(record);
    else await this.replace(replaces, record, now);
    const ended = others.slice(0, tooMany).map(({ idHash }) => idHash);
    for (const idHash of ended) await this.revoke(idHash);
    return ended;
  }

  async revoke(idHash: string): Promise<boolean> {
    return await this.#sessions.delete(idHash);
  }

  async revokeAccount(account: string, exceptIdHash?: string): Promise<number> {
    const own = (await this.#sessions.entries()).filter(
      ({ value: { record } }) => record.account === account && record.idHash !== exceptIdHash,
    );
    for (const { key } of own) await this.#sessions.delete(key);
    return own.length;
  }

  async list(account: string, now: number): Promise<readonly SessionRecord[]> {
    return (await this.#sessions.entries())
      .map(({ value }) => whole(value.record))
      .filter((record) => record.account === account && !isOver(record, now))
      .toSorted((a, b) => b.seenAt - a.seenAt || b.createdAt - a.createdAt);
  }

  async putOnceToken(idHash: string, hash: string, expiresAt: number, now: number): Promise<boolean> {
    const kept = await this.#live(idHash, now);
    if (kept === undefined) return false;
    const tokens = [...kept.tokens, { hash, expiresAt }].slice(-MOST_TOKENS);
    await this.#sessions.set(idHash, { ...kept, tokens });
    return true;
  }

  async takeToken(idHash: string, tokenHash: string, now: number): Promise<boolean> {
    const kept = await this.#live(idHash, now);
    const token = kept?.tokens.find(({ hash }) => hash === tokenHash);
    if (kept === undefined || token === undefined || token.expiresAt <= now) return false;
    await this.#sessions.set(idHash, { ...kept, tokens: kept.tokens.filter((one) => one !== token) });
    return true;
  }

  async sweep(now: number): Promise<number> {
    let swept = 0;
    for (const { key, value } of await this.#sessions.entries()) {
      if (swept >= MOST_SWEPT) return swept;
      const live = value.tokens.filter(({ expiresAt }) => expiresAt > now);
      if (isOver(value.record, now)) {
        await this.#sessions.delete(key);
        swept += 1;
      } else if (live.length < value.tokens.length) {
        await this.#sessions.set(key, { ...value, tokens: live });
        swept += value.tokens.length - live.length;
      }
    }
    return swept + (await sweepOver(this.#replaced, now, MOST_SWEPT - swept));
  }

  async count(): Promise<number> {
    return await this.#sessions.size();
  }

  async #live(idHash: string, now: number): Promise<Kept | undefined> {
    const kept = await this.#sessions.get(idHash);
    return kept === undefined || isOver(kept.record, now)
      ? undefined
      : { ...kept, record: whole(kept.record) };
  }
}

/** JSON has no place for what is undefined. */
function whole(record: SessionRecord): SessionRecord {
  const { account, signedInAt, mfaAt, device } = record;
  return { ...record, account, signedInAt, mfaAt, device };
}

function isOver({ expiresAt, seenAt, idleMs }: SessionRecord, now: number): boolean {
  return expiresAt <= now || seenAt + idleMs <= now;
}

/** Deletes what ends at or before `now`. */
async function sweepOver(folder: Folder<number>, now: number, most: number): Promise<number> {
  const over = (await folder.entries()).filter(({ value }) => value <= now).slice(0, most);
  for (const { key } of over) await folder.delete(key);
  return over.length;
}

/** By key: when all that was counted is paid off (GCRA). */
class FileCounters implements CounterStore {
  readonly #paidAt: Folder<number>;

  constructor(directory: string) {
    this.#paidAt = new Folder(directory, 'counters');
  }

  async take(key: string, rate: Rate, now: number): Promise<Answer> {
    const was = (await this.#paidAt.get(key)) ?? 0;
    const interval = rate.windowMs / rate.count;
    const latest = now + 2 * rate.windowMs + CLOCKS_APART_MS;
    const start = was > latest ? now + rate.windowMs : Math.max(was, now);
    const early = start - now - (rate.windowMs - interval);
    const allowed = early <= 1e-6;
    const paidAt = allowed ? start + interval : start;
    if (paidAt !== was) await this.#paidAt.set(key, paidAt);
    const left = Math.floor((rate.windowMs - (paidAt - now)) / interval + 1e-9);
    return {
      allowed,
      remaining: allowed ? left : 0,
      retryAfterMs: allowed ? 0 : Math.ceil(early),
      resetAfterMs: Math.ceil(paidAt - now),
    };
  }

  async debit(key: string, { count, windowMs }: Rate, times: number, now: number): Promise<number> {
    const owed = Math.max((await this.#paidAt.get(key)) ?? 0, now) + (windowMs / count) * times;
    const paidAt = Math.min(owed, now + 2 * windowMs);
    await this.#paidAt.set(key, paidAt);
    return paidAt - now;
  }

  async debt(key: string, now: number): Promise<number> {
    return Math.max(0, ((await this.#paidAt.get(key)) ?? 0) - now);
  }

  async sweep(now: number): Promise<number> {
    return await sweepOver(this.#paidAt, now, MOST_SWEPT);
  }

  async count(): Promise<number> {
    return await this.#paidAt.size();
  }
}
