import type { PageAnswer } from './exchange.ts';
import { html } from '../ui/html.ts';

/** What is answered where the queue of hashes or of mails is full. */
export const BUSY_PAGE: PageAnswer = {
  kind: 'page',
  status: 503,
  retryAfterMs: 5000,
  title: 'One moment, please',
  body: html`<div class="narrow">
    <h1>One moment, please</h1>
    <p>More people are signing in right now than can be served at once. Try again in a few seconds.</p>
  </div>`,
};
