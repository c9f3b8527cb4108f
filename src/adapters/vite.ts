/** `bulwark/vite`: the nonce of the layer for pages that Vite serves in development. */
import { wantCurrent } from '../core/current-place.ts';
import { nonceAtWork } from '../core/nonce-at-work.ts';

/** A plugin of Vite, as far as it is one. */
export interface NoncePlugin {
  readonly name: string;
  /** In development only: what is built is the same for everyone, and so is no nonce. */
  readonly apply: 'serve';
  /** Called by Vite once it has read all options. */
  configResolved(config: { html?: object }): void;
}

/**
 * A plugin that puts the nonce of the request on all that Vite writes into a page: its client, what plugins write inline, and styles
 * that scripts bring. For `plugins` of `vite.config.js`, where Vite's middlewares stand behind the layer.
 *
 * @example
 * ```ts
 * import { viteNonce } from 'bulwark/vite';
 *
 * export const plugins = [viteNonce()];
 * ```
 */
export function viteNonce(): NoncePlugin {
  return {
    name: 'bulwark:nonce',
    apply: 'serve',
    configResolved(config) {
      wantCurrent();
      config.html ??= {};
      // Its option `html.cspNonce` is one text, but it is read anew for each page. None where Vite warms one up that nobody asked for.
      Object.defineProperty(config.html, 'cspNonce', { get: nonceAtWork, enumerable: true });
    },
  };
}
