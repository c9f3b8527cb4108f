/** The parts of pages that show something once: ways to keep it. */
import { readFileSync } from 'node:fs';
import type { Wording } from '../accounts/words/wording.ts';
import { html, type Html, trusted } from '../ui/html.ts';

// Read once, and in the page itself: what shows secrets fetches nothing more than it must.
const script = readFileSync(new URL('./keep.browser.js', import.meta.url), 'utf8');

/** What can be kept. */
export interface Keepable {
  /** The id of the element that holds it. */
  readonly id: string;
  /** What the buttons do, for those who hear them. */
  readonly what: 'codes' | 'token';
  /** Its text as a file: one that can be had without script. */
  readonly text: string;
  readonly nonce: string;
}

/** Buttons that copy, download and print something. */
export function keepButtons({ say }: Wording, { id, what, text, nonce }: Keepable): Html {
  const address = `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`;
  const small = 'button quiet small';
  return html`<p class="actions">
      <button type="button" class="${small}" data-copy="${id}" aria-label="${say(`${what}.copy`)}" hidden>
        ${say('keep.copy')}
      </button>
      <a
        class="${small}"
        download="${say(`${what}.fileName`)}"
        href="${address}"
        aria-label="${say(`${what}.download`)}"
        >${say('keep.download')}</a
      >
      <button type="button" class="${small}" data-print aria-label="${say(`${what}.print`)}" hidden>
        ${say('keep.print')}
      </button>
    </p>
    <p
      class="soft small"
      role="status"
      data-keep-status
      data-keep-copied="${say('keep.copied')}"
      data-keep-selected="${say('keep.selected')}"
    ></p>
    <script type="module" nonce="${nonce}">
      ${trusted(script)};
    </script>`;
}
