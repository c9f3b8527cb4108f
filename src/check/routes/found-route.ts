/** What was found in an application, in the one form that routes of all frameworks come to. */
import type { Addresses } from './addresses.ts';

/** Something that answers requests. */
export interface FoundRoute {
  /**
   * `route`: a handler. `mount`: whatever is below a path, such as files or an application of its own, and cannot be read.
   * `maybe`: a function that may answer, or hand on.
   */
  readonly kind: 'route' | 'mount' | 'maybe';
  /** Undefined: every method. */
  readonly methods: readonly string[] | undefined;
  /** As the application writes it. */
  readonly path: string;
  /** The addresses that it answers. Where they cannot be read: all that it may. */
  readonly addresses: readonly Addresses[];
  /** What the function is called, of those that are no routes. */
  readonly name?: string;
}

/** What a function says of itself, as a list of `METHOD /path`; undefined where it says nothing of this form. */
export function readTold(
  routes: unknown,
): readonly { readonly method: string; readonly path: string }[] | undefined {
  if (!Array.isArray(routes)) return undefined;
  const told = (routes as readonly unknown[]).map((line) => /^([A-Z]+) (\/\S*)$/.exec(String(line)));
  if (!told.every((match) => match !== null)) return undefined;
  return told.map(([, method = '', path = '']) => ({ method, path }));
}
