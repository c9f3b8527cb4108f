import type { Wording } from '../accounts/words/wording.ts';
import type { PageAnswer } from './exchange.ts';
import { html } from '../ui/html.ts';

/** The same, where a page has one line for it. */
export function fullText({ say }: Wording): string {
  return `${say('problem.too-many-sessions.title')}. ${say('problem.too-many-sessions.detail')}`;
}

/** What is answered where a sign-in was right, and its account has as many sessions as it may. */
export function fullPage(words: Wording): PageAnswer {
  const title = words.say('problem.too-many-sessions.title');
  return {
    kind: 'page',
    status: 403,
    title,
    body: html`<div class="narrow">
      <h1>${title}</h1>
      <p>${words.say('problem.too-many-sessions.detail')}</p>
    </div>`,
  };
}

/** What is answered where the queue of hashes or of mails is full. */
export function busyPage({ say }: Wording): PageAnswer {
  const title = say('busy.title');
  return {
    kind: 'page',
    status: 503,
    retryAfterMs: 5000,
    title,
    body: html`<div class="narrow">
      <h1>${title}</h1>
      <p>${say('busy.text')}</p>
    </div>`,
  };
}
