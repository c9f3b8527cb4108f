/** What was found in an application, in the one form that routes of all frameworks come to. */
import type { Addresses } from './addresses.ts';

/** Something that answers requests. */
export interface FoundRoute {
  /**
   * `route`: a handler. `mount`: whatever is below a path, such as files or an application of its own, and cannot be read.
   * `maybe`: a function that may answer, or hand on. `layer`: the layer itself, before what it stands before.
   */
  readonly kind: 'route' | 'mount' | 'maybe' | 'layer';
  /** Undefined: every method. */
  readonly methods: readonly string[] | undefined;
  /** As the application writes it. */
  readonly path: string;
  /** The addresses that it answers. Where they cannot be read: all that it may. */
  readonly addresses: readonly Addresses[];
  /** What the function is called, of those that are no routes. */
  readonly name?: string;
}

/**
 * Whether a layer stands before the routes: `found`, before those that come after it. `none`: there is no layer. `unseen`:
 * it stands where it cannot be seen from here, or nowhere.
 */
export type LayerPlace = 'found' | 'none' | 'unseen';

/** Whether a function is a layer, by what hangs on it: the application may have another copy of this package. */
export function isLayer(value: unknown): boolean {
  if (typeof value !== 'function') return false;
  const { sessions, counts, secure, close } = value as unknown as Readonly<Record<string, unknown>>;
  return (
    counts instanceof Map &&
    typeof secure === 'function' &&
    typeof close === 'function' &&
    sessions !== undefined
  );
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
