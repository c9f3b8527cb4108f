/** The audit log: takes any event from anywhere, and never gets in the way of the request that it is about. */
import type { Audit, Details, DetailsOf, EventKind } from '../core/events.ts';
import { errorName } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import type { AuditSettings, AuditSink } from './audit.options.ts';
import { type AuditEvent, makeAuditEvent } from './audit-event.ts';
import { FloodGate } from './flood-gate.ts';
import type { LogFileHealth } from './file/log-file.ts';
import type { OpenedLog, OpenLog } from './file/open-log.ts';
import { openEvent } from './personal/open-event.ts';
import type { PersonKeys } from './personal/person-keys.ts';
import { EventSealer, PERSON } from './personal/seal-event.ts';
import type { ShipLog } from './shipping/ship-log.ts';
import type { ShipHealth, ShipListener } from './shipping/shipper.ts';
import { LOG_EVENTS } from './log.events.ts';
import { Redactor } from './redact.ts';
import { safeJson } from './safe-json.ts';

// What a reader that stalls may leave waiting in memory. Beyond it events are dropped and counted.
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/** The part of a stream that lines are written to. `process.stdout` fits as it is. */
export interface LineStream {
  readonly writableLength: number;
  write(line: string, done: (error?: Error | null) => void): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** Where lines and complaints go. The defaults are the process's own streams. */
export interface AuditStreams {
  readonly stdout: LineStream;
  readonly stderr: LineStream;
}

/** What a log has beside its sink. */
export interface AuditParts {
  readonly openFile?: OpenLog | undefined;
  readonly openShipping?: ((listener: ShipListener) => ShipLog) | undefined;
  /** Keys of persons, where the policy has what is about them sealed. Closed with the log. */
  readonly persons?: PersonKeys | undefined;
  /** Is given each line in clear, whatever of it is sealed in the log. */
  readonly watch?: Watcher | undefined;
}

/** Is given each line behind all others. It only puts the line down. */
export type Watcher = (kind: EventKind, line: string) => void;

const NO_RECEIVERS: ReadonlyMap<string, ShipHealth> = new Map();

/**
 * Writes security events, one line of JSON each. No method throws or waits, whatever it is given and whatever
 * becomes of the sink; events that could not be handed on are counted in `dropped`, and the first is told on stderr.
 */
export class AuditLog {
  /** How often each event was written since the start, dropped ones included. For metrics. */
  readonly counts: ReadonlyMap<string, number>;
  readonly #counts = new Map<string, number>();
  readonly #settings: AuditSettings;
  readonly #clock: () => number;
  readonly #redactor: Redactor;
  readonly #streams: AuditStreams;
  readonly #stream: LineStream | undefined;
  readonly #gates = new Map<string, FloodGate>();
  readonly #onWritten: (error?: Error | null) => void;
  readonly #file: OpenedLog | undefined;
  readonly #shipping: ShipLog | undefined;
  readonly #watch: AuditParts['watch'];
  readonly #persons: PersonKeys | undefined;
  readonly #sealer: EventSealer | undefined;
  #unsealed = 0;
  readonly #followers: Watcher[] = [];
  #dropped = 0;
  #writing = false;

  /**
   * @param clock - milliseconds since 1970
   * @param parts - the file and the receivers of the policy, where it has some
   * @throws BulwarkError ERR_BULWARK_AUDIT_FILE where that cannot be opened
   */
  constructor(
    settings: AuditSettings,
    clock: () => number = Date.now,
    streams: AuditStreams = process,
    { openFile, openShipping, persons, watch }: AuditParts = {},
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#redactor = new Redactor(settings.redact);
    this.#streams = streams;
    this.counts = this.#counts;
    const { sink = openFile === undefined ? 'stdout' : undefined, service } = settings;
    this.#stream = sink === undefined || typeof sink === 'function' ? undefined : streams[sink];
    this.#onWritten = (error) => {
      if (error) this.#drop(error);
    };
    if (this.#stream !== undefined) survive(this.#stream);
    this.#watch = watch;
    this.#persons = persons;
    this.#sealer =
      persons && new EventSealer(persons, settings.personal?.fields ?? [], (error) => this.#unseal(error));
    this.#shipping = openShipping?.(this.receiverListener());
    this.#file = openFile?.(service, clock, {
      failing: (error) => this.#say(`the file of the audit log cannot be written (${error})`),
      ...(persons && { settle: () => persons.settle(), settleNow: () => persons.settleNow() }),
      recovered: (lost, goneMs, error) => this.write(LOG_EVENTS.lost, { lost, goneMs, error }),
      heads: (lines) => {
        for (const line of lines) this.#shipping?.add(line);
      },
      headsLost: ({ message }) => this.#say(`heads of the audit log cannot be kept (${message})`),
    });
  }

  /** How many events never reached the sink. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Writes one event. What is in `details` may be anything: secrets in it are redacted, what cannot be shown is named
   * instead. With an exchange, the entry tells the request, the client, the account and the session too.
   */
  write<Kind extends EventKind>(kind: Kind, details: DetailsOf<Kind>, exchange?: Exchange): void {
    this.#write(kind, details, exchange);
  }

  /**
   * Writes an event that strangers can cause at will, as long as there are not too many of its kind this second. One
   * allowance a kind, so that a flood of one cannot hide another; what someone should be woken up by is always written.
   * A store that fails is one fact however many requests find out.
   */
  writeGated<Kind extends EventKind>(kind: Kind, details: DetailsOf<Kind>, exchange?: Exchange): void {
    if (kind.level === 'critical' && kind.bounded !== true) return this.write(kind, details, exchange);
    let gate = this.#gates.get(kind.name);
    if (gate === undefined) {
      gate = new FloodGate(this.#settings.refusalsPerSecond);
      this.#gates.set(kind.name, gate);
    }
    const heldBack = gate.admit(this.#clock());
    if (heldBack === undefined) return;
    this.#write(kind, heldBack > 0 ? { ...details, heldBack } : details, exchange);
  }

  /** How the file does. Undefined: the policy has none. */
  get file(): LogFileHealth | undefined {
    return this.#file?.health;
  }

  /** Tells the log what becomes of receivers: its own, and those of alerts. */
  receiverListener(): ShipListener {
    return {
      failing: (receiver, error) => this.write(LOG_EVENTS.receiverGone, { receiver, error }),
      recovered: (receiver, goneMs, lost) => this.write(LOG_EVENTS.receiverBack, { receiver, goneMs, lost }),
      refused: (receiver, refused) => this.writeGated(LOG_EVENTS.receiverRefused, { receiver, refused }),
    };
  }

  /** How receivers do, by their names. Empty: the policy has none. */
  get shipping(): ReadonlyMap<string, ShipHealth> {
    return this.#shipping?.health ?? NO_RECEIVERS;
  }

  /**
   * Resolves once every event so far is on the disk, where the policy has a file (`audit.file`); at once where it has none.
   *
   * @throws BulwarkError ERR_BULWARK_AUDIT_FILE where the disk does not take them
   */
  async flushed(): Promise<void> {
    await this.#file?.flushed();
  }

  /** Writes what waits, ends the file with its last record, and sends what it can in three seconds. */
  async close(): Promise<void> {
    await this.#file?.close();
    await this.#shipping?.close();
    this.#persons?.close();
  }

  /** An entry with what is sealed in it, as far as keys of persons are there. */
  opened(event: AuditEvent): AuditEvent {
    return this.#persons === undefined ? event : openEvent(event, this.#persons);
  }

  /** What an account may be called in the log: itself, and what stands for it. */
  namesOf(account: string): readonly string[] {
    const refs = this.#persons?.refsOf(account) ?? [];
    return [account, ...refs.map((ref) => `${PERSON}${ref}`)];
  }

  /** Whether addresses of clients are sealed in what is written, so that nothing finds them by their text. */
  get sealsClients(): boolean {
    return this.#persons !== undefined;
  }

  /** Hands each line from now on to one more, as it stands in the log: sealed where that is. */
  follow(follower: Watcher): void {
    this.#followers.push(follower);
  }

  /** Writes events of one request: what handlers get as `audit`. */
  forExchange(exchange: Exchange): Audit {
    return (kind, details) => this.write(kind, details, exchange);
  }

  #write(kind: EventKind, details: Details, exchange?: Exchange): void {
    this.#counts.set(kind.name, (this.#counts.get(kind.name) ?? 0) + 1);
    // A sink that logs through us would never end.
    if (this.#writing) return this.#drop(new Error('the sink wrote an event'));
    this.#writing = true;
    try {
      this.#send(kind, this.#entry(kind, details, exchange));
    } catch (error) {
      this.#drop(error);
    } finally {
      this.#writing = false;
    }
  }

  #entry(kind: EventKind, details: Details, exchange?: Exchange): AuditEvent {
    const now = this.#clock();
    const { service, client } = this.#settings;
    try {
      return makeAuditEvent(kind, now, service, details, exchange, client);
    } catch {
      // Details that throw when they are looked at: the event itself must still be told.
      return makeAuditEvent(kind, now, service, { unreadable: true }, exchange, client);
    }
  }

  #send(kind: EventKind, entry: AuditEvent): void {
    const { sink } = this.#settings;
    const line = this.#sealer?.write(entry, kind, this.#redactor) ?? safeJson(entry, this.#redactor);
    const chained = this.#file?.append(line);
    if (this.#file !== undefined && chained === undefined)
      this.#drop(new Error('the file of the log takes no more'));
    this.#shipping?.add(chained ?? line);
    // Rules count by accounts and addresses.
    this.#watch?.(kind, this.#sealer === undefined ? (chained ?? line) : safeJson(entry, this.#redactor));
    for (const follow of this.#followers) follow(kind, chained ?? line);
    if (typeof sink === 'function') return this.#call(sink, line);
    const stream = this.#stream;
    if (stream === undefined) return;
    if (stream.writableLength > MOST_WAITING_BYTES)
      return this.#drop(new Error('the reader of the log has stalled'));
    stream.write(`${line}\n`, this.#onWritten);
  }

  /** The sink gets the entry as the line has it, redacted; an async one may fail later, which must kill nobody. */
  #call(sink: AuditSink, line: string): void {
    const result: unknown = sink(line, JSON.parse(line) as AuditEvent);
    if (result instanceof Promise) result.catch((error: unknown) => this.#drop(error));
  }

  #drop(error: unknown): void {
    this.#dropped += 1;
    if (this.#dropped > 1) return;
    const what = error instanceof Error ? error.message : 'no error object';
    this.#say(`the audit sink failed (${what}); lost events are counted and not told again`);
  }

  #unseal(error: unknown): void {
    this.#unsealed += 1;
    if (this.#unsealed === 1)
      this.#say(`keys of persons cannot be had (${errorName(error)}); what is about them is left out`);
  }

  /** Where the log itself fails there is only standard error. */
  #say(what: string): void {
    try {
      const line = safeJson(`bulwark: ${what}`, this.#redactor);
      survive(this.#streams.stderr);
      this.#streams.stderr.write(`${line}\n`, ignoreFailure);
    } catch {
      ignoreFailure();
    }
  }
}

const surviving = new WeakSet<LineStream>();

/** Without a listener, the end of the process that reads the pipe (EPIPE) is an uncaught error that ends the process. */
function survive(stream: LineStream): void {
  if (surviving.has(stream)) return;
  surviving.add(stream);
  // The write that failed tells its own callback, which counts it.
  stream.on('error', ignoreFailure);
}

function ignoreFailure(): void {
  // There is nobody left to tell.
}
