/** What the calls of `bulwark/assets` take. */
import { call, type Calls, fields, flag, type Fit, made, maybe, name } from '../../../core/call.ts';
import type { AssetsOptions } from './assets.ts';

const place: Fit = (value) =>
  typeof value === 'string' && /^\/(?:[\w.~%-]+\/)*$/.test(value)
    ? undefined
    : { path: '', reason: "it must be a path that begins and ends with a slash, such as '/static/'" };

const nonce: Fit = (value) =>
  typeof value === 'string' && /^[\w+/=-]{16,}$/.test(value)
    ? undefined
    : { path: '', reason: 'it must be bulwark.of(request).nonce' };

/** Of `Assets`. */
export const ASSETS_CALLS: Calls<
  'of' | 'integrity' | 'script' | 'module' | 'style' | 'preload' | 'importMap'
> = {
  of: call("Assets.of('public', { at: '/static/' })", {
    folder: name,
    options: maybe(fields<AssetsOptions>({ at: maybe(place), changing: maybe(flag) })),
  }),
  integrity: call("assets.integrity('/static/app.js')", { path: name }),
  script: call("assets.script('/static/app.js', bulwark.of(request).nonce)", { path: name, nonce }),
  module: call("assets.module('/static/app.js', bulwark.of(request).nonce)", { path: name, nonce }),
  style: call("assets.style('/static/site.css', bulwark.of(request).nonce)", { path: name, nonce }),
  preload: call("assets.preload('/static/app.js')", { path: name }),
  importMap: call("assets.importMap({ app: '/static/app.js' }, bulwark.of(request).nonce)", {
    imports: made('an object of names and paths', {}),
    nonce,
  }),
};
