/** HTML that escapes what is put into it: a template can only be wrong by saying so. */
import { escapeHtml } from './escape-html.ts';

/** A piece of HTML that is safe to send. Only {@link html} and {@link trusted} make one. */
export class Html {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** For this file. */
  static of(text: string): Html {
    return new Html(text);
  }
}

/** What can stand in a template. Nothing, and `false`, leave nothing. */
export type HtmlValue = Html | readonly Html[] | string | number | false | undefined;

/** A template: every value in it is escaped, for text and for quoted attributes alike, but for HTML itself. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = parts[0] ?? '';
  for (const [index, value] of values.entries()) text += show(value) + (parts[index + 1] ?? '');
  return Html.of(text);
}

/** HTML that was written by this program and holds nothing from outside. */
export function trusted(text: string): Html {
  return Html.of(text);
}

function show(value: HtmlValue): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map((piece) => piece.text).join('');
  return escapeHtml(String(value));
}
