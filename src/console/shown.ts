/** Texts, times and numbers as pages of the console show them. */
import { html, type Html } from '../ui/html.ts';

/**
 * A text of strangers for a page: what a terminal would obey, and what turns the text around it, stands there as what it is.
 * Markup is no matter here: every template escapes.
 */
export function shownText(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A time, in UTC as the log has it. */
export function shownTime(time: string | number): Html {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return html`${shownText(String(time))}`;
  const iso = at.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)}</time>`;
}

/** A count, with its thousands apart. */
export function shownCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** How much of a whole. */
export function shownShare(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${((part / whole) * 100).toFixed(1)} %`;
}

/** A table; where a screen is narrow, a list of its rows, each cell under its head. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly (Html | string | number)[])[],
  empty = 'Nothing yet.',
): Html {
  if (rows.length === 0) return html`<p class="soft">${empty}</p>`;
  return html`<div class="table">
    <table>
      <caption class="visually-hidden">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, at) => html`<td data-label="${heads[at] ?? ''}"><div>${cell}</div></td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
