/** The body of a request as guards and pages of ours see it, whatever the host reads bodies with. */
import type { Guard } from './guard.ts';
import type { Refusal, Verdict } from './verdict.ts';

/** Header fields by their lower-cased names. */
type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a body is, by its Content-Type. `other`: nothing that a field can be read from. */
export type BodyKind = 'form' | 'json' | 'other';

/** What the head of a request says of its body. */
export interface DeclaredBody {
  /** Whether there is one at all: an empty one is none. */
  readonly present: boolean;
  /** Its bytes; undefined where none are declared, as of one that comes in chunks. */
  readonly length: number | undefined;
  /** The Content-Type as it was sent. */
  readonly type: string | undefined;
  /** What was done to it, in that order and in lower case: `gzip`. Not `identity`, which is nothing. */
  readonly codings: readonly string[];
  /** A charset other than UTF-8, or a coding, makes it `other`: two readings of one body are a way in. */
  readonly kind: BodyKind;
}

/** Looks at the pieces of a body in their order, and at null where it is whole. */
export type PieceJudge = (piece: Uint8Array | null) => Refusal | undefined;

/** The body of one request. */
export interface Body {
  readonly declared: DeclaredBody;
  /** Whether somebody else reads it, or has read it: a parser that stands before the layer, a stream of the framework. */
  readonly begun: boolean;
  /**
   * Reads the whole body and puts it back, so that the handler's own parser finds it untouched. Undefined: it is larger
   * than `limit` bytes, or its client went away. Who declares more is not asked for any of it.
   *
   * @throws BulwarkError ERR_BULWARK_BODY_READ, as a rejection, where somebody else has read it
   * @throws BulwarkError ERR_BULWARK_BODY_TAKEN, likewise, where it was taken
   */
  peek(limit: number): Promise<Buffer | undefined>;
  /**
   * Has the body looked at on its way to whoever reads it, the handler or an upstream: what is here already at once, the rest as
   * it comes. From a piece on that is refused nothing reaches its reader, and no end: in place of it comes the answer to the
   * client, and an error to the reader (ERR_BULWARK_BODY_REFUSED). In `observe` it is told, and everything goes on.
   *
   * @returns a refusal of what is here already, which the guard returns
   */
  judge(guard: Pick<Guard, 'name' | 'mode'>, look: PieceJudge): Verdict;
  /**
   * Takes the body from the handler, which finds a request without one: what is made of it stands in a slot. It comes as fast
   * as it is read, is held to the limit of its route in real bytes, and reading it fails where it is cut: with
   * ERR_BULWARK_CLIENT_GONE, or ERR_BULWARK_BODY_TOO_LARGE where the 413 is on its way. A client that waits for
   * `100 Continue` is told so at the first read.
   *
   * @throws BulwarkError ERR_BULWARK_BODY_TAKEN where it was taken before
   * @throws BulwarkError ERR_BULWARK_BODY_READ where somebody else has read it
   * @throws BulwarkError ERR_BULWARK_BODY_TOO_LARGE where more is declared than its route takes
   */
  take(): AsyncIterable<Uint8Array>;
}

const NOTHING: DeclaredBody = Object.freeze({
  present: false,
  length: undefined,
  type: undefined,
  codings: Object.freeze([]),
  kind: 'other',
});

/** Of what is no request at all, and brings no body that anyone could read. */
export const NO_BODY: Body = Object.freeze({
  declared: NOTHING,
  begun: false,
  peek: () => Promise.resolve(undefined),
  judge: () => undefined,
  take: nothing,
});

async function* nothing(): AsyncGenerator<Uint8Array> {
  // Nothing came.
}

/** What the fields of a head say of a body. */
export function declaredBody(fields: Fields): DeclaredBody {
  return saysNothing(fields) ? NOTHING : read(fields);
}

/** Most requests: nothing is made for them. */
function saysNothing(fields: Fields): boolean {
  return (
    fields['content-length'] === undefined &&
    fields['transfer-encoding'] === undefined &&
    fields['content-type'] === undefined &&
    fields['content-encoding'] === undefined
  );
}

function read(fields: Fields): DeclaredBody {
  const codings = codingsOf(oneOf(fields, 'content-encoding'));
  const type = oneOf(fields, 'content-type');
  return {
    present: bringsBody(fields),
    // Chunks tell where a body ends, whatever else is declared (RFC 9112 6.3).
    length: fields['transfer-encoding'] === undefined ? declaredLength(fields) : undefined,
    type,
    codings,
    kind: type === undefined || codings.length > 0 ? 'other' : kindOf(type),
  };
}

/** Whether there is a body behind a head. */
export function bringsBody(fields: Fields): boolean {
  const length = fields['content-length'];
  return fields['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Bytes, undefined where none are declared. What is not a number is more than any limit: framing has let it through unread. */
export function declaredLength(fields: Fields): number | undefined {
  const length = oneOf(fields, 'content-length');
  if (length === undefined) return undefined;
  return /^\d{1,15}$/.test(length) ? Number(length) : Number.POSITIVE_INFINITY;
}

function kindOf(type: string): BodyKind {
  const match = /^([\w.+/-]+)[ \t]*(?:;[ \t]*charset="?([\w-]+)"?)?$/i.exec(type.trim());
  const charset = match?.[2]?.toLowerCase() ?? 'utf-8';
  if (charset !== 'utf-8') return 'other';
  const media = match?.[1]?.toLowerCase();
  if (media === 'application/x-www-form-urlencoded') return 'form';
  return media === 'application/json' ? 'json' : 'other';
}

function codingsOf(value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  const codings = value.split(',').map((coding) => coding.trim().toLowerCase());
  return codings.filter((coding) => coding !== 'identity');
}

/** A repeated field is joined as RFC 9110 5.3 says. */
function oneOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' || value === undefined ? value : value.join(', ');
}
