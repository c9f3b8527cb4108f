/** The files of a form, each through the checks to where it will lie, while they come: none is ever held whole. */
import type { Audit } from '../core/events.ts';
import type { UploadRule } from '../core/route-rules.ts';
import { FileFault } from '../controls/uploads/content/file-fault.ts';
import { UploadSink } from '../controls/uploads/content/upload-sink.ts';
import { type FormLimits, FormScanner } from '../controls/uploads/multipart/form-scanner.ts';
import type { PassingLook } from '../controls/uploads/scan/passing-look.ts';
import type { FileScan } from '../controls/uploads/scan/scan.ts';
import { MultipartFault } from '../controls/uploads/multipart/multipart-fault.ts';
import type { PartHead } from '../controls/uploads/multipart/part-head.ts';
import type { FileQuota, FileRecord } from '../stores/ports/files.ts';
import { fileName } from './file-name.ts';
import { FILES_EVENTS } from './files.events.ts';
import type { Quarantine } from './quarantine.ts';
import { typeOf } from './type-of.ts';
import type { Arrival, Vault } from './vault.ts';

/** Why a single file of a form was not taken: what its bytes are, or that there is no room for it. */
export type RefusedReason = FileFault['reason'] | 'quota' | 'rate' | 'scan';

/** A file that was not taken, and why. */
export interface RefusedPart {
  readonly name: string;
  readonly reason: RefusedReason;
  /** What looked at it said, where something did. */
  readonly note: string;
}

/** A form, once it is whole. */
export interface TakenParts {
  readonly files: readonly FileRecord[];
  readonly refused: readonly RefusedPart[];
  /** By the id of a file that was looked at while it came: what is left of that. */
  readonly looks: ReadonlyMap<string, FileScan>;
  /** Its fields that are no files. */
  readonly fields: URLSearchParams;
}

/** How a form is taken. */
export interface TakingRules {
  readonly boundary: string;
  readonly limits: FormLimits;
  readonly rule: UploadRule;
  readonly owner: string;
  readonly quota: FileQuota;
  readonly expiresAt: number | undefined;
  /** Where what is whole waits to be looked at, if it does; what can be seen as it comes is looked at then. */
  readonly quarantine: Pick<Quarantine, 'passing'> | undefined;
  /** Counts one file more. False: its owner has sent too many. */
  readonly mayCome: () => Promise<boolean>;
  /** Aborts where nobody waits any more, or the session was ended. */
  readonly signal: AbortSignal;
}

/** Fields of a form are held: all of them together are no more. */
const FIELDS = 1024 * 1024;

/**
 * Takes a form. Files that are not taken are left out, the others stay; what is wrong with the form as a whole ends it, and then
 * there is none of its files.
 *
 * @throws MultipartFault where it is outside of the grammar
 * @throws FileFault `files` or `total` where there is too much in it
 */
export async function takeForm(
  pieces: AsyncIterable<Uint8Array>,
  vault: Vault,
  rules: TakingRules,
  audit: Audit,
): Promise<TakenParts> {
  const form = new FormInTaking(vault, rules);
  const told: Told[] = [];
  const scanner = new FormScanner(rules.boundary, rules.limits, {
    part: (head) => told.push({ head }),
    data: (bytes) => told.push({ bytes }),
    end: () => told.push(END),
  });
  try {
    for await (const piece of pieces) {
      scanner.push(piece);
      for (const one of told.splice(0)) await form.hear(one);
      rules.signal.throwIfAborted();
    }
    scanner.finish();
    for (const one of told.splice(0)) await form.hear(one);
    rules.signal.throwIfAborted();
    const taken = await form.complete();
    for (const { id, owner, size, state } of taken.files)
      audit(FILES_EVENTS.stored, { file: id, owner, size, state });
    for (const { reason } of taken.refused)
      audit(FILES_EVENTS.refused, { fault: reason, owner: rules.owner });
    return taken;
  } catch (error) {
    await form.discard();
    throw error;
  }
}

type Told = { readonly head: PartHead } | { readonly bytes: Buffer } | typeof END;
const END = { end: true } as const;

/** A part that is being read. */
type Part =
  | { readonly kind: 'field'; readonly name: string; readonly pieces: Buffer[] }
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly judge: UploadSink;
      readonly look: PassingLook | undefined;
      readonly arrival: Arrival;
    }
  | { readonly kind: 'none' };

const NO_PART: Part = { kind: 'none' };

class FormInTaking {
  readonly #vault: Vault;
  readonly #rules: TakingRules;
  readonly #arrived: Arrival[] = [];
  readonly #refused: RefusedPart[] = [];
  readonly #looks = new Map<string, FileScan>();
  readonly #fields = new URLSearchParams();
  #part: Part = NO_PART;
  #count = 0;
  #total = 0;
  #fieldBytes = 0;
  #room: number | undefined;

  constructor(vault: Vault, rules: TakingRules) {
    this.#vault = vault;
    this.#rules = rules;
  }

  async hear(told: Told): Promise<void> {
    if ('head' in told) this.#part = await this.#begin(told.head);
    else if ('bytes' in told) await this.#take(told.bytes);
    else await this.#end();
  }

  async #begin(head: PartHead): Promise<Part> {
    const { name, filename } = head;
    if (filename === undefined) return { kind: 'field', name, pieces: [] };
    // A place for a file where none was chosen.
    if (filename === '') return NO_PART;
    this.#count += 1;
    const { rule, owner, quota, expiresAt, quarantine, signal } = this.#rules;
    if (this.#count > rule.files) throw new FileFault('files');
    const shown = fileName(filename);
    const judge = new UploadSink({ ...rule, files: 1, total: Number.POSITIVE_INFINITY });
    try {
      judge.part(head);
    } catch (error) {
      return this.#refuse(shown, error);
    }
    if (this.#room === undefined) {
      const { files, bytes } = await this.#vault.rows.usage(owner);
      this.#room = files >= quota.files ? 0 : quota.bytes - bytes;
    }
    if (this.#room <= 0) return this.#leaveOut(shown, 'quota');
    if (!(await this.#rules.mayCome())) return this.#leaveOut(shown, 'rate');
    const type = typeOf(filename, rule.types);
    const arrival = await this.#vault.begin({ owner, name: shown, type, expiresAt });
    return { kind: 'file', name: shown, judge, look: quarantine?.passing(type, signal), arrival };
  }

  async #take(bytes: Buffer): Promise<void> {
    const part = this.#part;
    if (part.kind === 'field') {
      this.#fieldBytes += bytes.length;
      if (this.#fieldBytes > FIELDS) throw new MultipartFault('field');
      part.pieces.push(Buffer.from(bytes));
      return;
    }
    // Bytes of a file that is left out count too: whoever sends them has them read.
    this.#total += bytes.length;
    if (this.#total > this.#rules.rule.total) throw new FileFault('total');
    if (part.kind === 'none') return;
    try {
      part.judge.data(bytes);
    } catch (error) {
      await this.#drop(part.arrival);
      this.#part = this.#refuse(part.name, error);
      return;
    }
    // What has no room in the end is not written first. Exact it is when the file is complete.
    if (part.arrival.size + bytes.length > (this.#room ?? 0)) {
      await this.#drop(part.arrival);
      this.#part = this.#leaveOut(part.name, 'quota');
      return;
    }
    await part.look?.take(bytes);
    await part.arrival.write(bytes);
  }

  async #end(): Promise<void> {
    const part = this.#part;
    this.#part = NO_PART;
    if (part.kind === 'field') this.#fields.append(part.name, Buffer.concat(part.pieces).toString());
    if (part.kind !== 'file') return;
    try {
      part.judge.end();
    } catch (error) {
      await this.#drop(part.arrival);
      this.#refuse(part.name, error);
      return;
    }
    this.#arrived.push(part.arrival);
    this.#room = (this.#room ?? 0) - part.arrival.size;
    const left = await part.look?.end();
    if (left !== undefined) this.#looks.set(part.arrival.record.id, left);
    await part.arrival.finish();
  }

  /** Has them exist, one by one, as far as there is room. */
  async complete(): Promise<TakenParts> {
    const { quota, quarantine } = this.#rules;
    const state = quarantine !== undefined ? 'quarantine' : 'ready';
    const files: FileRecord[] = [];
    for (let arrival = this.#arrived.shift(); arrival !== undefined; arrival = this.#arrived.shift()) {
      const { record, size, sha256 } = arrival;
      let outcome: 'kept' | 'full' | 'gone' | undefined;
      try {
        outcome = await this.#vault.complete(arrival, state, quota);
      } finally {
        arrival.let();
        if (outcome !== 'kept') await this.#discardOne(record.id);
      }
      if (outcome === 'kept') files.push({ ...record, size, sha256, state, heldUntil: undefined });
      else this.#leaveOut(record.name, 'quota');
    }
    return { files, refused: this.#refused, looks: this.#looks, fields: this.#fields };
  }

  /** Leaves nothing behind; what it cannot remove now, a sweep does. */
  async discard(): Promise<void> {
    const open = this.#part.kind === 'file' ? [this.#part.arrival] : [];
    this.#part = NO_PART;
    for (const arrival of [...this.#arrived.splice(0), ...open]) await this.#drop(arrival);
  }

  async #drop(arrival: Arrival): Promise<void> {
    await arrival.abort();
    await this.#discardOne(arrival.record.id);
  }

  async #discardOne(id: string): Promise<void> {
    await this.#vault.undo(id).catch(() => undefined);
  }

  #refuse(name: string, error: unknown): Part {
    if (!(error instanceof FileFault)) throw error;
    return this.#leaveOut(name, error.reason);
  }

  #leaveOut(name: string, reason: RefusedReason): Part {
    this.#refused.push({ name, reason, note: '' });
    return NO_PART;
  }
}
