/** Sentences with HTML in them: a link within one, a time that says when exactly. */
import type { English, SlotsOf, WordKey } from '../accounts/words/english.ts';
import type { Wording } from '../accounts/words/wording.ts';
import { html, type Html, type HtmlValue } from '../ui/html.ts';

/** A sentence, and what stands in it: its text is escaped, and so is every value but HTML itself. */
export function rich<Key extends WordKey>(
  words: Wording,
  key: Key,
  values: Readonly<Record<SlotsOf<English[Key]>, HtmlValue>>,
): Html {
  const named: Readonly<Record<string, HtmlValue>> = values;
  // Each second piece is the name of what is put in.
  const pieces = words
    .pieces(key)
    .map((piece, index) => (index % 2 === 1 ? apart(words, named[piece]) : html`${piece}`));
  return html`${pieces}`;
}

/** How long ago something was, with the exact time for who asks for it. */
export function showTime(words: Wording, time: number, now: number): Html {
  const machine = new Date(time).toISOString();
  return html`<time datetime="${machine}" title="${words.exact(time)}">${words.ago(time, now)}</time>`;
}

/** Read out first by a screen reader, and seen in the tab. */
export function withErrors({ say }: Wording, title: string, errors: readonly unknown[]): string {
  return errors.length > 0 ? say('page.error', { title }) : title;
}

/** What somebody has named, and addresses, as they stand: among letters that run from the right, set apart. */
export function asItStands({ direction }: Wording, value: HtmlValue): Html {
  return direction === 'rtl' ? html`<bdi>${value}</bdi>` : html`${value}`;
}

/** A text keeps the marks of {@link Wording.apart}: `bdi` would take its direction from what is put into that. */
function apart(words: Wording, value: HtmlValue): Html {
  return typeof value === 'string' ? html`${words.apart(value)}` : asItStands(words, value);
}
