/** Forms with files, judged before their reader has them whole: what readers take otherwise than each other is refused. */
import type { PieceJudge } from '../../core/body.ts';
import { eventOf } from '../../core/events.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { randomId } from '../../core/random.ts';
import { showSize } from '../../core/readers.ts';
import { type Slot, slot } from '../../core/slot.ts';
import type { UploadRule } from '../../core/route-rules.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import { FileFault } from './content/file-fault.ts';
import { fileRefusal } from './content/file-refusal.ts';
import { UploadSink } from './content/upload-sink.ts';
import { boundaryOf } from './multipart/boundary.ts';
import type { Remaking } from './multipart/canonical-form.ts';
import { type FormLimits, FormScanner, type FormSink } from './multipart/form-scanner.ts';
import { MultipartFault, type MultipartReason } from './multipart/multipart-fault.ts';
import { UPLOADS_EVENTS, UPLOADS_PROBLEMS } from './uploads.events.ts';
import type { UploadsSettings } from './uploads.options.ts';

/** How a form is written anew for an upstream: there where one is judged, and not only observed. */
export const REMAKING: Slot<Remaking> = slot();

/** A form whose files are stored: taken from the handler, and not read yet. */
export interface FormToStore {
  readonly boundary: string;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** The form of a route with `upload: { store: true }`. */
export const FORM_TO_STORE: Slot<FormToStore> = slot();

/** The bytes of a request to a route with `upload: { store: 'resumable' }`: taken from the handler, and not read yet. */
export const BYTES_TO_STORE: Slot<AsyncIterable<Uint8Array>> = slot();

/** What tus 1.0.0 sends the bytes of a file as. */
const OFFSET_BYTES = 'application/offset+octet-stream';

/**
 * The guard. A form that is read ahead is refused before anybody hears of it. A longer one is judged on its way: its reader gets
 * nothing from the first faulty piece on, and no end, as of a client that went away.
 */
export function uploadsGuard(settings: UploadsSettings): Guard {
  return {
    name: 'uploads',
    mode: settings.mode,
    onRequest(exchange) {
      const { body, rules } = exchange;
      const { present, type, codings } = body.declared;
      // A parser that stands before the layer has read it: that is told elsewhere.
      if (!present || rules.anyForm === true || body.begun) return undefined;
      if (rules.upload?.store === 'resumable') {
        if (type !== OFFSET_BYTES) return NO_OFFSET;
        if (codings.length > 0) return COMPRESSED;
        if (settings.mode === 'enforce') exchange.set(BYTES_TO_STORE, body.take());
        return undefined;
      }
      if (type === undefined || !MULTIPART.test(type))
        return rules.upload === undefined ? undefined : NO_FORM;
      if (codings.length > 0) return COMPRESSED;
      // Whoever reads it elsewhere finds nothing: files that nobody judged must not be stored by a parser of the application.
      if (rules.upload?.store === true && settings.mode === 'enforce')
        return refusedOr(settings, rules.upload, () => {
          exchange.set(FORM_TO_STORE, { boundary: boundaryOf(type), pieces: body.take() });
          return undefined;
        });
      return refusedOr(settings, rules.upload, () => judge(exchange, boundaryOf(type), settings));
    },
    onForward(exchange, head) {
      const remaking = exchange.get(REMAKING);
      if (remaking !== undefined)
        head.set('Content-Type', `multipart/form-data; boundary=${remaking.boundary}`);
    },
  };
}

/** formidable takes any type with this word in it for a form. */
const MULTIPART = /multipart/i;

async function judge(exchange: Exchange, boundary: string, settings: UploadsSettings): Promise<Verdict> {
  const { body } = exchange;
  const { upload } = exchange.rules;
  const look = judgeOf(boundary, settings, upload);
  const whole = await body.peek(settings.ahead);
  const verdict =
    whole === undefined
      ? body.judge({ name: 'uploads', mode: settings.mode }, look)
      : (look(whole) ?? look(null));
  if (verdict === undefined && settings.mode === 'enforce')
    exchange.set(REMAKING, { from: boundary, boundary: `bulwark${randomId(16)}`, limits: settings });
  return verdict;
}

const NOBODY: FormSink = { part: () => undefined, data: () => undefined, end: () => undefined };

function judgeOf(boundary: string, limits: FormLimits, rule: UploadRule | undefined): PieceJudge {
  const sink = rule === undefined ? NOBODY : new UploadSink(rule);
  const scanner = new FormScanner(boundary, limits, sink);
  return (piece) =>
    refusedOr(limits, rule, () => {
      if (piece === null) scanner.finish();
      else scanner.push(piece);
      return undefined;
    });
}

function refusedOr<Answer>(
  limits: FormLimits,
  rule: UploadRule | undefined,
  run: () => Answer,
): Answer | Refusal {
  try {
    return run();
  } catch (error) {
    if (error instanceof MultipartFault) return formRefusal(error.reason, limits);
    if (error instanceof FileFault && rule !== undefined) return fileRefusal(error.reason, rule);
    throw error;
  }
}

/** Its sizes are what it unfolds to, and no browser sends one. */
const COMPRESSED: Refusal = {
  ...PROBLEMS.bodyNotSupported,
  detail: 'Compressed forms are not taken here. Send it as it is.',
  event: eventOf(UPLOADS_EVENTS.form, { fault: 'coding' }),
  headers: [['Accept-Encoding', 'identity']],
  close: true,
};

/** A file that comes by itself would have no name, and would be held to nothing. */
const NO_FORM: Refusal = {
  ...PROBLEMS.bodyNotSupported,
  detail: 'Files are taken here in a form: multipart/form-data.',
  event: eventOf(UPLOADS_EVENTS.file, { fault: 'no form' }),
  close: true,
};

/** No page can have a browser send this type without a preflight. */
const NO_OFFSET: Refusal = {
  ...PROBLEMS.bodyNotSupported,
  detail: `Bytes of a file are taken here as ${OFFSET_BYTES}.`,
  event: eventOf(UPLOADS_EVENTS.file, { fault: 'no bytes' }),
  close: true,
};

/** Said to whoever sent it: what is wrong with it, in words that have nothing of its names and values. */
const WORDS: Readonly<Record<Exclude<MultipartReason, 'parts' | 'field'>, string>> = {
  boundary:
    "Its Content-Type must be multipart/form-data with one boundary, in letters, digits and - . _ + ', and no charset but utf-8.",
  between:
    'Something stands before, between or behind its boundaries, or one of these is not a line of its own.',
  cut: 'It ends before its last boundary.',
  head: 'A part has lines other than Content-Disposition and Content-Type, or lines that do not end with CRLF.',
  disposition:
    'The Content-Disposition of a part must be: form-data; name="..." or form-data; name="..."; filename="...".',
  name: 'A name in it is empty, too long, not in UTF-8, or has a backslash or an escaped quote in it.',
  type: 'A field in it is said to be bytes, or in another encoding than UTF-8.',
  text: 'A field in it is not in UTF-8, or says that the others are not.',
};

/** The answer to a form that is outside of the grammar. */
export function formRefusal(fault: MultipartReason, limits: FormLimits): Refusal {
  const event = eventOf(UPLOADS_EVENTS.form, { fault });
  if (fault === 'parts' || fault === 'field') {
    const detail =
      fault === 'parts'
        ? `This form has more than the ${limits.parts} fields and files that are taken here.`
        : `A field of this form is longer than the ${showSize(limits.field)} that are taken here. Send it as a file.`;
    return { ...PROBLEMS.bodyTooLarge, detail, event, close: true };
  }
  return { ...UPLOADS_PROBLEMS.invalidForm, detail: WORDS[fault], event, close: true };
}
