/** `GET /dev/mail`: what was mailed, on a laptop that sends no mail. */
import type { DevelopmentMail } from '../accounts/mail/development-mail.ts';
import type { Wording } from '../accounts/words/wording.ts';
import { page, type PageAnswer } from './exchange.ts';
import { html, type Html } from '../ui/html.ts';

const LINK = /https?:\/\/\S+/g;

/** The page of mails that were not sent. */
export function mailPage({ mails }: DevelopmentMail, words: Wording): PageAnswer {
  const { say } = words;
  const items = mails.map(
    (mail) =>
      html`<article class="card">
        <h2 dir="auto">${mail.subject}</h2>
        <p class="soft small">${say('devMail.to', { email: mail.to, time: words.exact(mail.at) })}</p>
        <p class="mail" dir="auto">${linked(mail.text)}</p>
      </article>`,
  );
  return page(
    say('devMail.title'),
    html`<div class="column">
      <h1>${say('devMail.title')}</h1>
      <p class="soft">${say('devMail.why')}</p>
      ${items.length === 0 ? html`<p>${say('devMail.none')}</p>` : items}
    </div>`,
  );
}

function linked(text: string): readonly Html[] {
  const pieces: Html[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    // What only looks like an address stays text.
    const url = URL.parse(match[0]);
    if (url === null) continue;
    // Without its host: a server that does not know its own name is reached by the one this page was asked by. One
    // slash before the path: after two, another host would stand.
    const path = url.pathname.replace(/^\/+/, '/') + url.search;
    pieces.push(html`${text.slice(end, match.index)}<a href="${path}">${match[0]}</a>`);
    end = match.index + match[0].length;
  }
  return [...pieces, html`${text.slice(end)}`];
}
