/** What the calls of `bulwark/assets` take. */
import { call, type Calls, fields, flag, type Fit, maybe, name } from '../../../core/call.ts';
import { isPlainObject } from '../../../core/options.ts';
import type { AssetsOptions } from './assets.ts';

const place: Fit = (value) =>
  typeof value === 'string' && /^\/(?:[\w.~%-]+\/)*$/.test(value)
    ? undefined
    : { path: '', reason: "it must be a path that begins and ends with a slash, such as '/static/'" };

const nonce: Fit = (value) =>
  typeof value === 'string' && /^[\w+/=-]{16,}$/.test(value)
    ? undefined
    : { path: '', reason: 'it must be bulwark.of(request).nonce' };

const paths: Fit = (value) =>
  isPlainObject(value) && Object.values(value).every((path) => typeof path === 'string')
    ? undefined
    : { path: '', reason: "it must be an object of names and paths, such as { app: '/static/app.js' }" };

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
    imports: paths,
    nonce,
  }),
};
