/** One POST to a receiver, and what its answer means: taken, later, or never. */
import { RefusedRecords, TryLater } from './log-sink.ts';

/** What receivers over HTTP have in common. */
export interface HttpSinkOptions {
  /** Where it takes records: https, or http on this machine. */
  url: string;
  /** More headers, such as `{ authorization: 'Bearer ...' }`. */
  headers?: Readonly<Record<string, string>>;
  /** Names its spool; the kind of receiver where it is not given. */
  name?: string;
}

const TIMEOUT_MS = 10_000;
// What a receiver will say again to the same bytes. 401, 403 and 404 are somebody's mistake, which is mended.
const NEVER = new Set([400, 413, 415, 422]);
const MOST_ANSWER_BYTES = 4_194_304;

/** Where to post: the address, and where it has no path the one that is usual. */
export function receiverUrl(text: string, path?: string): URL {
  const url = new URL(text);
  return path === undefined || url.pathname !== '/' ? url : new URL(path, url);
}

/**
 * Posts a body.
 *
 * @param end - ends it early: a socket that is waited at keeps a process from ending
 * @returns what was answered, where that is read
 * @throws RefusedRecords or TryLater
 */
export async function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  end?: AbortSignal,
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body,
    // A redirect that is followed becomes a GET without a body, and would count as taken.
    redirect: 'manual',
    signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(end === undefined ? [] : [end])]),
  });
  const { status } = response;
  const text = await readAnswer(response);
  if (status >= 200 && status < 300) return text;
  if (NEVER.has(status)) throw new RefusedRecords(`HTTP ${status}`);
  const seconds = Number(response.headers.get('retry-after'));
  throw new TryLater(`HTTP ${status}`, seconds > 0 ? seconds * 1000 : undefined);
}

async function readAnswer(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MOST_ANSWER_BYTES) break;
  }
  return text;
}
