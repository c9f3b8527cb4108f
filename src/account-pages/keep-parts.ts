/** The parts of pages that show something once: ways to keep it. */
import { readFileSync } from 'node:fs';
import { html, type Html, trusted } from '../ui/html.ts';

// Read once, and in the page itself: what shows secrets fetches nothing more than it must.
const script = readFileSync(new URL('./keep.browser.js', import.meta.url), 'utf8');

/** What can be kept. */
export interface Keepable {
  /** The id of the element that holds it. */
  readonly id: string;
  /** What it is called, for those who hear the buttons: `recovery codes`. */
  readonly what: string;
  /** As a file: one that can be had without script. */
  readonly file: { readonly name: string; readonly text: string };
  readonly nonce: string;
}

/** Buttons that copy, download and print something. */
export function keepButtons({ id, what, file, nonce }: Keepable): Html {
  const more = html`<span class="visually-hidden"> the ${what}</span>`;
  const address = `data:text/plain;charset=utf-8,${encodeURIComponent(file.text)}`;
  return html`<p class="actions">
      <button type="button" class="button quiet small" data-copy="${id}" hidden>Copy${more}</button>
      <a class="button quiet small" download="${file.name}" href="${address}">Download${more}</a>
      <button type="button" class="button quiet small" data-print hidden>Print${more}</button>
    </p>
    <p class="soft small" role="status" data-keep-status></p>
    <script type="module" nonce="${nonce}">
      ${trusted(script)};
    </script>`;
}
