/** What React writes into `innerHTML` by itself. In browsers only: nothing is imported here. */

/**
 * The default Trusted Types policy's answer to a text that goes to a sink of the DOM: the text where React alone may write it, or
 * where it is no markup at all; null, by which the browser refuses it as it would have done.
 *
 * React makes each `<script>` of what it renders in the browser (an error boundary around the document, say) by writing
 * `<script></script>` into an element, so that it never runs, and then writes its text. A text without `<` makes no element;
 * whether the text of a script may run is asked of `createScript`, which this policy has not.
 *
 * @param sink - which one, in the words of the Trusted Types standard
 */
export function reactMarkup(text: string, _type: string, sink: string): string | null {
  if (sink !== 'Element innerHTML') return null;
  return text === '<script></script>' || !text.includes('<') ? text : null;
}
