/** What is answered to somebody who may have a file: all of it, a part, or that nothing has changed (RFC 9110). */

/** The lines of a request that say which part is wanted. */
export interface FileRequest {
  readonly method: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** What is known of a file. */
export interface ServedFile {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
}

/** The head of an answer, and which bytes follow: none where `from` is `to`. */
export interface FileAnswer {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly from: number;
  readonly to: number;
}

/**
 * The answer.
 *
 * @param disposition - the line that has it saved
 * @param whole - never a part: for a link that is good for one download
 */
export function answerFile(
  file: ServedFile,
  request: FileRequest,
  disposition: string,
  whole = false,
): FileAnswer {
  // Strong, of the bytes alone: by it a download that broke off goes on with the same file, or begins anew.
  const etag = `"${file.sha256}"`;
  if (request.ifNoneMatch !== undefined && isAmong(request.ifNoneMatch, etag))
    return { status: 304, headers: [['ETag', etag], ...PRIVATE], from: 0, to: 0 };
  const wanted = whole ? undefined : rangeOf(file, request, etag);
  const common = [
    ['Content-Disposition', disposition],
    ...PRIVATE,
    ...SANDBOXED,
    ['Accept-Ranges', whole ? 'none' : 'bytes'],
  ] as const;
  if (wanted === 'none') {
    const range = ['Content-Range', `bytes */${file.size}`] as const;
    return { status: 416, headers: [...PRIVATE, range, ['Content-Length', '0']], from: 0, to: 0 };
  }
  const { from, to } = wanted ?? { from: 0, to: file.size };
  const headers = [
    ['Content-Type', file.type],
    ['Content-Length', String(to - from)],
    ['ETag', etag],
    ...common,
    ...(wanted === undefined ? [] : [['Content-Range', `bytes ${from}-${to - 1}/${file.size}`] as const]),
  ] as const;
  const sent = request.method === 'HEAD' ? { from: 0, to: 0 } : { from, to };
  return { status: wanted === undefined ? 200 : 206, headers, ...sent };
}

const PRIVATE = [['Cache-Control', 'private, no-store']] as const;

/** What a browser opens all the same is in an origin of its own, without script, and no other site reads it. */
const SANDBOXED = [
  ['Content-Security-Policy', "sandbox; default-src 'none'"],
  ['X-Content-Type-Options', 'nosniff'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
] as const;

interface Part {
  readonly from: number;
  readonly to: number;
}

/**
 * The part that is wanted; `none` where there is no such part; undefined where all of it is to be sent: several parts at once
 * cost more than they bring, and a reader may ask for as many as it likes (RFC 9110 14.2).
 */
function rangeOf(
  { size }: ServedFile,
  { method, range, ifRange }: FileRequest,
  etag: string,
): Part | 'none' | undefined {
  if (range === undefined || (method !== 'GET' && method !== 'HEAD')) return undefined;
  // A date, or a weak tag, says nothing of the bytes (RFC 9110 13.1.5).
  if (ifRange !== undefined && ifRange !== etag) return undefined;
  const match = /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/i.exec(range.trim());
  if (match === null) return undefined;
  const [, first, last, suffix] = match;
  if (first === undefined) {
    const length = Math.min(Number(suffix), size);
    return length === 0 ? 'none' : { from: size - length, to: size };
  }
  const from = Number(first);
  const to = last === '' || last === undefined ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < from) return undefined;
  return from >= size ? 'none' : { from, to };
}

/** Weak comparison (RFC 9110 13.1.2). */
function isAmong(list: string, etag: string): boolean {
  return list.split(',').some((one) => {
    const tag = one.trim().replace(/^W\//, '');
    return tag === etag || tag === '*';
  });
}
