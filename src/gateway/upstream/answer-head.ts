/** The head of an upstream's answer, and what it says of the body that follows (RFC 9112 4 and 6). */
import { headerKey } from '../../core/header-line.ts';
import { malformed } from './fault.ts';
import { endOfLine, readFieldLines } from './field-lines.ts';

/** The status line and the field lines of an answer. */
export interface AnswerHead {
  readonly status: number;
  /** As it came; some servers send none. */
  readonly reason: string;
  /** Names and values in turn, in the order and case of the wire. */
  readonly rawHeaders: readonly string[];
  readonly framing: Framing;
  /** Whether the connection may carry another request, as far as the head tells. */
  readonly persistent: boolean;
  /** The value of `Keep-Alive`; empty where there are two, which say nothing. */
  readonly keepAlive: string | undefined;
}

/** How long a body is: there is none, so many bytes, as long as chunks come, or until the connection ends. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

const NO_BODY: Framing = { kind: 'none' };
const CHUNKED: Framing = { kind: 'chunked' };
const UNTIL_CLOSE: Framing = { kind: 'until-close' };

/** Bytes of a whole number that JavaScript counts exactly. */
const LENGTH = /^\d{1,15}$/;

/** The first value under a name, which is in lower case. */
export function fieldOf({ rawHeaders }: Pick<AnswerHead, 'rawHeaders'>, name: string): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const other = rawHeaders[at] ?? '';
    if (other.length === name.length && headerKey(other) === name) return rawHeaders[at + 1];
  }
  return undefined;
}

/**
 * Reads a head, without the empty line that ends it.
 *
 * @param method - of the request: what answers HEAD has no body, whatever it declares
 * @throws UpstreamFault of kind `malformed`
 */
export function readAnswerHead(text: string, method: string): AnswerHead {
  const end = endOfLine(text, 0);
  const line = text.slice(0, end);
  // `HTTP/1.1 200 OK`; the blank before an empty reason is left out by some.
  if (!line.startsWith('HTTP/1.') || line.charCodeAt(8) !== 0x20)
    throw malformed('a status line of no HTTP/1');
  const minor = line.charAt(7);
  if (minor !== '0' && minor !== '1') throw malformed('a version that is neither HTTP/1.1 nor HTTP/1.0');
  const status = readStatus(line);
  const rawHeaders = readFieldLines(text, end + 2);
  const { framing, closes, keepAlive } = readFraming(rawHeaders, status, method, minor === '1');
  return {
    status,
    reason: line.slice(13),
    rawHeaders,
    framing,
    // Behind an answer without a body by its kind (HEAD, 204, 304) some servers send one all the same.
    persistent: minor === '1' && !closes && (framing.kind === 'length' || framing.kind === 'chunked'),
    keepAlive,
  };
}

function readStatus(line: string): number {
  const digits = line.slice(9, 12);
  const status = Number(digits);
  if (!/^[1-5]\d\d$/.test(digits)) throw malformed('a status that is no number from 100 to 599');
  if (line.length > 12 && line.charCodeAt(12) !== 0x20)
    throw malformed('a status that is no number of three digits');
  return status;
}

function readFraming(
  rawHeaders: readonly string[],
  status: number,
  method: string,
  isHttp11: boolean,
): { framing: Framing; closes: boolean; keepAlive: string | undefined } {
  let keepAlive: string | undefined;
  let length: string | undefined;
  let coding: string | undefined;
  let closes = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const value = rawHeaders[at + 1] ?? '';
    switch (headerKey(rawHeaders[at] ?? '')) {
      case 'content-length':
        // The same length twice says one thing (RFC 9112 6.3, rule 5). Two of them say two.
        if (length !== undefined && length !== value) throw malformed('two lengths');
        length = value;
        break;
      case 'transfer-encoding':
        if (coding !== undefined) throw malformed('two transfer codings');
        coding = value;
        break;
      case 'connection':
        closes ||= hasToken(value, 'close');
        break;
      case 'keep-alive':
        keepAlive = keepAlive === undefined ? value : '';
        break;
      default:
    }
  }
  if (length !== undefined && !LENGTH.test(length)) throw malformed('a length that is no number');
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw malformed('a transfer coding other than chunked');
    if (length !== undefined) throw malformed('a length beside a transfer coding');
    if (!isHttp11) throw malformed('a transfer coding under HTTP/1.0');
  }
  return { framing: framingOf(status, method, length, coding), closes, keepAlive };
}

function framingOf(
  status: number,
  method: string,
  length: string | undefined,
  coding: string | undefined,
): Framing {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return NO_BODY;
  if (coding !== undefined) return CHUNKED;
  return length === undefined ? UNTIL_CLOSE : { kind: 'length', bytes: Number(length) };
}

/** Whether a list such as that of `Connection` names a token, in any case of letters. */
export function hasToken(list: string, token: string): boolean {
  return list.length === token.length
    ? list.toLowerCase() === token
    : list.split(',').some((part) => part.trim().toLowerCase() === token);
}
