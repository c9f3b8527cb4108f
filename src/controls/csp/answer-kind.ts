/** What a Content-Security-Policy on an answer governs: not every policy is one for a page. */
import type { ResponseHead } from '../../core/head.ts';
import { isPageType } from '../../core/page.ts';

/**
 * `page`: what it runs and loads. `script`: a worker takes its policy from the answer that its own script came in, and the
 * same file may be the script of a page and of a worker. `media`: opened alone it loads itself under its own policy.
 * `other`: it runs nothing and loads nothing.
 */
export type AnswerKind = 'page' | 'script' | 'media' | 'other';

/** Content types that were read: an application has a few. Bounded, since it may put what it likes into them. */
const known = new Map<string, AnswerKind>();
const MOST_KNOWN = 64;
const LONGEST_KNOWN = 128;

/** The kind of an answer, by its Content-Type. */
export function answerKind(head: ResponseHead): AnswerKind {
  const type = head.getHeader('content-type');
  if (typeof type !== 'string') return 'other';
  // Frameworks put the text together anew for each answer: its place in memory is read from all of it, and this is not.
  if (type === last.type) return last.kind;
  const kind = known.get(type) ?? learn(type);
  if (type.length <= LONGEST_KNOWN) last = { type, kind };
  return kind;
}

let last: { readonly type: string; readonly kind: AnswerKind } = { type: '', kind: 'other' };

function learn(type: string): AnswerKind {
  const kind = readKind(type);
  if (type.length > LONGEST_KNOWN) return kind;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(type, kind);
  return kind;
}

function readKind(type: string): AnswerKind {
  if (isPageType(type)) return 'page';
  const media = (type.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (SCRIPT.test(media)) return 'script';
  return MEDIA.test(media) ? 'media' : 'other';
}

/** Every JavaScript media type of the MIME Sniffing Standard, 4.6: browsers start a worker from any of them. */
const SCRIPT =
  /^(?:application\/(?:x-)?(?:java|ecma)script|text\/(?:(?:x-)?(?:java|ecma)script|jscript|livescript|javascript1\.[0-5]))$/;
/** Playlists too: Safari plays them opened alone. */
const MEDIA = /^(?:(?:audio|video)\/[\w.+-]+|application\/(?:ogg|vnd\.apple\.mpegurl|x-mpegurl|dash\+xml))$/;
