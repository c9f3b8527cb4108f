/** `bulwark/nuxt`: a module of Nuxt, by which its pages bear the nonce of each answer. */
import { miscalled, nonceAtWork } from '../core/nonce-at-work.ts';

/** Of what a module is given, and the code that it adds: what is used here. */
export interface NuxtToBuild {
  readonly options: {
    readonly plugins: unknown[];
    readonly build: {
      readonly templates: unknown[];
    };
  };
}

/** Of unhead, which writes all that Nuxt puts around its application. */
export interface PageHead {
  /** Adds to how it writes. */
  use(plugin: {
    readonly key: string;
    readonly hooks: { 'tags:afterResolve': (context: { readonly tags: readonly HeadTag[] }) => void };
  }): void;
}

/** One element that is written around the application. */
interface HeadTag {
  readonly tag: string;
  readonly props: Record<string, unknown>;
}

const FILE = 'bulwark.server.mjs';
const PLUGIN = `import { defineNuxtPlugin } from '#imports';
import { giveNonce } from 'bulwark/nuxt';

const plugin = defineNuxtPlugin({
  name: 'bulwark',
  enforce: 'pre',
  setup: ({ ssrContext }) => giveNonce(ssrContext.head),
});
export { plugin as default };
`;

/**
 * The module.
 *
 * @example
 * ```ts
 * // nuxt.config.ts
 * import { nuxt as bulwark } from 'bulwark/nuxt';
 *
 * export default defineNuxtConfig({ modules: [bulwark], nitro: { preset: 'node-listener', serveStatic: true } });
 * ```
 * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where something else than Nuxt calls it
 */
export function nuxt(_options: unknown, building: NuxtToBuild): void {
  const { options } = building;
  if (!Array.isArray(options?.plugins)) throw miscalled('modules: [nuxt], in nuxt.config.ts');
  options.build.templates.push({ filename: FILE, getContents: () => PLUGIN });
  options.plugins.unshift({ src: `#build/${FILE}`, mode: 'server' });
}

/**
 * For the plugin of that module, on the server: whatever stands in the head of a page, and at the end of its body, was put there by
 * the application's own code. Pages that a build renders have no nonce.
 *
 * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT for what is no head of a page
 */
export function giveNonce(head: PageHead): void {
  if (typeof head?.use !== 'function') throw miscalled('giveNonce(ssrContext.head)');
  const nonce = nonceAtWork();
  if (nonce === undefined) return;
  head.use({
    key: 'bulwark',
    hooks: {
      'tags:afterResolve': ({ tags }) => {
        for (const { tag, props } of tags)
          if (tag === 'script' || tag === 'style' || tag === 'link') props['nonce'] = nonce;
      },
    },
  });
}
