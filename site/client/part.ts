/**
 * The part of a page that a script works on.
 *
 * @throws Error where the page has none, or another kind of element
 */
export function part<Kind extends Element>(
  kind: new () => Kind,
  selector: string,
  from: ParentNode = document,
): Kind {
  const found = from.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}
