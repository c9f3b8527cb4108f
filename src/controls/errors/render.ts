/** Turns a refusal into what a person or a program can read. Nothing in it comes from the application's own error. */
import { escapeHtml } from '../../ui/escape-html.ts';
import type { Refusal } from '../../core/verdict.ts';
import { PAGE_STYLE } from './page-style.ts';
import { ENGLISH, type RefusalWords } from './refusal-words.ts';

export { prefersHtml } from './accept.ts';

/** What went wrong, for a developer: in no answer that leaves the machine it happened on. */
export interface ShownError {
  readonly name: string;
  readonly message: string;
  /** The lines of the stack; empty where there are none. */
  readonly stack: string;
}

/** The site's own page for a status; undefined where it has none, and ours is shown. */
export type RefusalPagesFor = (status: number, requestId: string, nonce: string) => string | undefined;

/** A body and its `Content-Type`. */
export interface RenderedRefusal {
  readonly contentType: string;
  readonly body: string;
}

/**
 * The body of a refusal: a page, or problem details (RFC 9457) whose `type` is `urn:bulwark:problem:` and the type of
 * the refusal. `requestId` is what a person can quote and an operator find in the log. Without a nonce the page has no
 * style, since the policy that it is sent with would block one. `error` is shown as it is. Programs are told in English.
 */
export function renderRefusal(
  refusal: Refusal,
  wants: 'json' | 'html',
  requestId: string,
  nonce?: string,
  error?: ShownError,
  words: RefusalWords = ENGLISH,
): RenderedRefusal {
  return wants === 'html'
    ? { contentType: 'text/html; charset=utf-8', body: renderPage(refusal, words, requestId, nonce, error) }
    : { contentType: 'application/problem+json', body: renderProblem(refusal, requestId, error) };
}

function renderProblem(refusal: Refusal, requestId: string, error: ShownError | undefined): string {
  const { type, title, status, detail, faults, members } = refusal;
  const problem = {
    type: `urn:bulwark:problem:${type}`,
    title,
    status,
    detail,
    requestId,
    ...(faults !== undefined && { errors: faults }),
    ...members,
    ...(error !== undefined && { error }),
  };
  // A client that takes JSON for HTML, whatever its type says, finds no tag in it.
  return JSON.stringify(problem).replace(
    /[<>&]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
}

function renderPage(
  refusal: Refusal,
  words: RefusalWords,
  requestId: string,
  nonce: string | undefined,
  error: ShownError | undefined,
): string {
  const title = escapeHtml(words.titleOf(refusal));
  const style = nonce === undefined ? '' : `\n<style nonce="${escapeHtml(nonce)}">${PAGE_STYLE}</style>`;
  const way = wayOn(refusal, words);
  return `<!doctype html>
<html lang="${words.language}" dir="${words.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>${style}
</head>
<body>
<main>
<p class="status">${refusal.status}</p>
<h1>${title}</h1>
<p>${escapeHtml(words.detailOf(refusal))}</p>
${renderFaults(refusal.faults)}<p><a href="${escapeHtml(way.href)}">${escapeHtml(way.text)}</a></p>
${error === undefined ? '' : renderError(error, words)}<p class="id">${renderRequest(requestId, words)}</p>
</main>
</body>
</html>
`;
}

/** Of a form that says so itself this is not seen: it is shown where nobody wrote a page for it. */
function renderFaults(faults: Refusal['faults'] = []): string {
  if (faults.length === 0) return '';
  const lines = faults.map(({ pointer, detail }) => {
    const name = pointer === '' ? '' : `<code>${escapeHtml(pointer.slice(1))}</code>: `;
    return `<li>${name}${escapeHtml(detail)}</li>\n`;
  });
  return `<ul>\n${lines.join('')}</ul>\n`;
}

function renderError({ name, message, stack }: ShownError, { development, direction }: RefusalWords): string {
  return `<pre${fromTheLeft(direction)}>${escapeHtml(`${name}: ${message}\n${stack}`)}</pre>
<p>${escapeHtml(development)}</p>
`;
}

/** Ids and stacks run from the left in every language: among other letters they would be shown in another order. */
function fromTheLeft(direction: RefusalWords['direction']): string {
  return direction === 'rtl' ? ' dir="ltr"' : '';
}

function renderRequest(requestId: string, { request, direction }: RefusalWords): string {
  const id = `<code${fromTheLeft(direction)}>${escapeHtml(requestId)}</code>`;
  return request.map((piece, index) => (index % 2 === 1 ? id : escapeHtml(piece))).join('');
}

/** Where a person can go from here: where the refusal itself leads, or the start page. */
function wayOn(refusal: Refusal, words: RefusalWords): { href: string; text: string } {
  const location = refusal.headers?.find(([name]) => name.toLowerCase() === 'location')?.[1];
  // Only what a browser would follow anyway: a path of this site, or a whole http(s) URL; never `javascript:`.
  if (location !== undefined && /^(?:\/(?![/\\])|https?:\/\/)/i.test(location)) {
    return { href: location, text: words.goOn };
  }
  return { href: '/', text: words.start };
}
