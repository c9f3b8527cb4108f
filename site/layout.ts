/** What stands around every page. No script and no style in it: the policy of the site takes neither. */
import { type Html, html, trusted } from '../src/ui/html.ts';
import type { Group } from './contents.ts';

/** A page to be written. */
export interface Page {
  readonly url: string;
  readonly title: string;
  /** One sentence for lists of results elsewhere. */
  readonly about: string;
  readonly body: Html;
  /** Its sections. */
  readonly headings: readonly { readonly id: string; readonly text: string }[];
  /** Its Markdown. */
  readonly source?: string;
  /** Scripts beside the one of every page. */
  readonly scripts?: readonly string[];
}

/** Addresses of files that pages load, with the hash of what is in them. */
export type Assets = (name: string) => string;

/** The whole text of a page. */
export function layout(page: Page, groups: readonly Group[], asset: Assets): string {
  const title = page.url === '/' ? 'Bulwark' : `${page.title} - Bulwark`;
  const scripts = ['site.js', ...(page.scripts ?? [])];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <meta name="description" content="${page.about}" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="${asset('icon.svg')}" type="image/svg+xml" />
        <link rel="stylesheet" href="${asset('site.css')}" />
        ${scripts.map((name) => html`<script type="module" src="${asset(name)}"></script> `)}
      </head>
      <body>
        <a class="skip" href="#content">To the text</a>
        <header class="head">
          <a class="home" href="/">Bulwark</a>
          <nav aria-label="Places">
            <a href="/guides/start.html">Start</a>
            <a href="/manual/section-by-section.html">Section by section</a>
            <a href="/reference/">Reference</a>
            <a href="/playground.html">Playground</a>
          </nav>
          <button type="button" class="find" data-open-search hidden>Search <kbd>/</kbd></button>
        </header>
        <div class="page">
          <details class="contents" data-contents>
            <summary>All pages</summary>
            <nav aria-label="All pages">${groups.map((group) => groupOf(group, page.url))}</nav>
          </details>
          <main id="content" tabindex="-1">
            ${page.headings.length > 2 && onThisPage(page)}
            <article>${page.body}</article>
            <p class="source">
              ${page.source !== undefined && html`<a href="${page.source}">This page as Markdown</a>. `}All
              pages, for programs that read: <a href="/llms.txt">llms.txt</a>.
            </p>
          </main>
        </div>
        <dialog data-search data-index="${asset('search.json')}" aria-label="Search">
          <form role="search" method="dialog">
            <label for="search-words">Search the documents</label>
            <input id="search-words" type="search" autocomplete="off" spellcheck="false" maxlength="200" />
            <button>Close</button>
          </form>
          <p role="status" data-search-status></p>
          <ol data-search-results></ol>
        </dialog>
      </body>
    </html>`.text;
}

/** Pages of which there are hundreds: a table leads to each of them, and they would make every page a long one. */
const BY_TABLE = /^docs\/(?:checks|alerts)\//;

function groupOf({ title, documents }: Group, here: string): Html {
  const open = documents.some(({ url }) => url === here);
  const links = documents
    .filter(({ path, url }) => url === here || !BY_TABLE.test(path))
    .map(({ url, title: name }) => linkOf(url, name, here));
  return html`<details ${trusted(open ? 'open' : '')}>
    <summary>${title}</summary>
    <ul>
      ${links}
    </ul>
  </details>`;
}

function linkOf(url: string, title: string, here: string): Html {
  return html`<li><a href="${url}" ${trusted(url === here ? 'aria-current="page"' : '')}>${title}</a></li>`;
}

function onThisPage({ headings }: Page): Html {
  return html`<details class="sections">
    <summary>On this page</summary>
    <ul>
      ${headings.map(({ id, text }) => html`<li><a href="#${id}">${text}</a></li>`)}
    </ul>
  </details>`;
}
