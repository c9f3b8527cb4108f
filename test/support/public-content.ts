/** What is public of files, and of deliveries, with arguments that it takes. */
import { join } from 'node:path';
import { Assets } from '../../src/controls/headers/assets/assets.ts';
import { Remaker } from '../../src/controls/uploads/remake/remaker.ts';
import { Webhooks } from '../../src/controls/webhooks/sender.ts';
import { LAYER_PARTS } from '../../src/core/layer-parts.ts';
import type { Calls } from './refused-calls.ts';

/** By subpath. */
export const CONTENT: Readonly<Record<string, Calls>> = {
  './content': {
    contentScan: [{}],
    clamd: [{ socket: '/nowhere' }],
    watchSignatures: [{ version: () => Promise.resolve('a') }, () => undefined, {}],
    // It answers with a promise, which is refused where there is no such file.
    fileAt: ['package.json'],
    csvCell: ['a', {}],
    csvRow: [['a'], {}],
  },
  './input': {
    route: [{}, () => undefined, {}],
    formFaults: [[]],
    openApi: [{ title: 'a', version: '1', routes: {} }],
  },
  './webhooks': {},
  './assets': {},
  // It has no function: it is imported for what it does.
  './react': {},
};

/** A folder with one script. */
const FOLDER = join(import.meta.dirname, '../../src/hosted-files/resumable');
const [SCRIPT, NONCE] = ['/upload.browser.js', 'AAAAAAAAAAAAAAAAAAAAAA'];
const layer = { [LAYER_PARTS]: { audit: (): void => undefined } };
const setup = { outbound: { fetch: () => Promise.resolve(new Response()) }, endpoint: () => undefined };

/** By subpath, what `of` takes. */
export const CONTENT_CLASSES: Readonly<
  Record<string, Readonly<Record<string, readonly unknown[] | undefined>>>
> = {
  './content': { Remaker: undefined },
  './webhooks': { Webhooks: [layer, setup] },
  './assets': { Assets: [FOLDER, {}] },
};

/** What their instances do. */
export const CONTENT_INSTANCES: Readonly<Record<string, Calls>> = {
  Remaker: { image: [new Uint8Array()], markup: ['svg', new Uint8Array()], close: [] },
  Webhooks: { send: ['a', 'b', 1], resume: [], close: [] },
  Assets: {
    integrity: [SCRIPT],
    script: [SCRIPT, NONCE],
    module: [SCRIPT, NONCE],
    style: [SCRIPT, NONCE],
    preload: [SCRIPT],
    importMap: [{}, NONCE],
  },
};

/** The instances. */
export function contentInstances(): Readonly<Record<string, object>> {
  return { Remaker: new Remaker(), Webhooks: Webhooks.of(layer, setup), Assets: Assets.of(FOLDER) };
}
