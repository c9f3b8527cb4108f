/**
 * `bulwark/react`: lets React make its `<script>` elements under `require-trusted-types-for 'script'`. `import 'bulwark/react'`
 * once, in a module of the application that the browser loads first; on a server it does nothing.
 */
import { reactMarkup } from './react-markup.ts';

/** A browser's factory of Trusted Types, as far as it is asked. */
interface Factory {
  readonly defaultPolicy: unknown;
  createPolicy(name: string, rules: { readonly createHTML: typeof reactMarkup }): unknown;
}

const { trustedTypes } = globalThis as { readonly trustedTypes?: Factory };
// There can be one: an application that has made its own knows what it needs.
if (trustedTypes !== undefined && !trustedTypes.defaultPolicy)
  trustedTypes.createPolicy('default', { createHTML: reactMarkup });
