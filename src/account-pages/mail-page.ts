/** `GET /dev/mail`: what was mailed, on a laptop that sends no mail. */
import type { DevelopmentMail } from '../accounts/mail/development-mail.ts';
import { showExact } from '../ui/dates.ts';
import { page, type PageAnswer } from './exchange.ts';
import { html, type Html } from '../ui/html.ts';

const LINK = /https?:\/\/\S+/g;

/** The page of mails that were not sent. */
export function mailPage({ mails }: DevelopmentMail): PageAnswer {
  const items = mails.map(
    (mail) =>
      html`<article class="card">
        <h2>${mail.subject}</h2>
        <p class="soft small">To ${mail.to}, ${showExact(mail.at)}</p>
        <p class="mail">${linked(mail.text)}</p>
      </article>`,
  );
  return page(
    'Mail',
    html`<div class="column">
      <h1>Mail</h1>
      <p class="soft">
        This server runs in development: mails are shown here and in its terminal, and sent to nobody.
      </p>
      ${items.length === 0 ? html`<p>None yet.</p>` : items}
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
