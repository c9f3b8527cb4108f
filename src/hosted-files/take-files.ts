/** The files of a request: from its body to where they lie. */
import { FileFault } from '../controls/uploads/content/file-fault.ts';
import { fileRefusal } from '../controls/uploads/content/file-refusal.ts';
import { boundaryOf } from '../controls/uploads/multipart/boundary.ts';
import { MultipartFault } from '../controls/uploads/multipart/multipart-fault.ts';
import { FORM_TO_STORE, formRefusal, type FormToStore } from '../controls/uploads/uploads.ts';
import { BulwarkError } from '../core/errors.ts';
import type { Exchange } from '../core/exchange.ts';
import { showSize } from '../core/readers.ts';
import type { UploadRule } from '../core/route-rules.ts';
import type { Refusal } from '../core/verdict.ts';
import type { FileRoom } from '../files/file-room.ts';
import { type RefusedPart, type RefusedReason, takeForm, type TakingRules } from '../files/take-form.ts';
import type { FileRecord } from '../stores/ports/files.ts';
import { View } from '../layer/view.ts';
import { type StoredFile, storedFile } from './stored-file.ts';

/** A file that was not taken. */
export interface RefusedFile {
  readonly name: string;
  readonly reason: RefusedReason;
  /** For its sender: why, in a sentence, in English. */
  readonly detail: string;
}

/** What came of a form. */
export interface TakenForm {
  /** Those that are there, whole and synced; in quarantine where they wait to be looked at. */
  readonly files: readonly StoredFile[];
  /** Those that are not. */
  readonly refused: readonly RefusedFile[];
  /** Its fields that are no files. */
  readonly fields: URLSearchParams;
}

/** A form as a whole was not taken: none of its files is there. */
export class FormRefusedError extends BulwarkError {
  override readonly name = 'FormRefusedError';
  /** 400, 413 or 415: what to answer with, where the handler does. */
  readonly answer: number;
  /** For its sender: why, in a sentence, in English. */
  readonly detail: string;

  constructor({ status, detail }: Refusal) {
    super('ERR_BULWARK_INPUT', `the form was refused; answer ${status}`);
    this.answer = status;
    this.detail = detail;
  }
}

/** Takes the form of an exchange, for an account. */
export async function takeFiles(
  view: View,
  room: FileRoom,
  owner: string,
  expiresAt: number | undefined,
): Promise<TakenForm> {
  const exchange = View.exchangeOf(view);
  const layer = View.layerOf(view);
  const rule = exchange.rules.upload;
  if (rule === undefined) throw new BulwarkError('ERR_BULWARK_INVALID_ARGUMENT', NO_RULE);
  const { quarantine, quota } = room;
  try {
    const { boundary, pieces } = exchange.get(FORM_TO_STORE) ?? formOf(exchange);
    // Once: a second call finds a body that was taken.
    exchange.set(FORM_TO_STORE, undefined);
    const taking: TakingRules = {
      boundary,
      limits: layer.policy.uploads,
      rule,
      owner,
      quota,
      expiresAt,
      quarantine,
      mayCome: () => room.mayCome(owner),
      signal: exchange.signal,
    };
    const taken = await takeForm(pieces, room.vault, taking, view.audit);
    const looked = await Promise.all(
      taken.files.map(async (file) =>
        quarantine === undefined ? file : ((await quarantine.look(file, taken.looks.get(file.id))) ?? file),
      ),
    );
    const infected = looked.filter(({ state }) => state === 'refused').map(asRefused);
    return {
      files: looked.filter(({ state }) => state !== 'refused').map(storedFile),
      refused: [...taken.refused, ...infected].map((part) => ({
        name: part.name,
        reason: part.reason,
        detail: wordsOf(part, rule, room),
      })),
      fields: taken.fields,
    };
  } catch (error) {
    const refusal = refusalOf(error, layer.policy.uploads, rule);
    if (refusal === undefined) throw error;
    view.refuse('uploads', refusal, true);
    throw new FormRefusedError(refusal);
  }
}

const NO_RULE =
  "uploads.take: the route says nothing of files. Write routes: { 'POST /files': { upload: { types: ['image/png'], store: true } } }";

/** Of a guard that only observes, nobody has taken it yet. */
function formOf({ body }: Exchange): FormToStore {
  return { boundary: boundaryOf(body.declared.type ?? ''), pieces: body.take() };
}

function refusalOf(error: unknown, limits: TakingRules['limits'], rule: UploadRule): Refusal | undefined {
  if (error instanceof MultipartFault) return formRefusal(error.reason, limits);
  return error instanceof FileFault ? fileRefusal(error.reason, rule) : undefined;
}

function asRefused({ name, note }: FileRecord): RefusedPart {
  return { name, reason: 'scan', note };
}

/** Why a file was not taken, for its sender. */
export function wordsOf(
  { reason, note }: Pick<RefusedPart, 'reason' | 'note'>,
  rule: UploadRule,
  room: FileRoom,
): string {
  if (reason === 'quota')
    return `There is no room for it: all files together may have ${showSize(room.quota.bytes)}. Delete some first.`;
  if (reason === 'rate') return 'Too many files were sent in a short time. Try again later.';
  if (reason === 'scan') return note;
  return fileRefusal(reason, rule).detail;
}
