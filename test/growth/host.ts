/** An adapter for a framework that nobody has heard of: what whoever adds one to this tree writes, and where. */
import type { Change } from './made-up.ts';

export const HOST: Change = {
  files: {
    'src/adapters/tiny.ts': `
/** \`bulwark/tiny\`: the layer on Tiny, whose applications are functions from a request to an answer. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { viewOf, type View } from '../layer/view.ts';
import { protect, type LayerHandle } from '../node/protector.ts';
import { runHandler } from '../node/run-handler.ts';
import type { Policy, PolicyOptions } from '../policy/policy.ts';

/** An application of Tiny. */
export type TinyApplication = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The layer for Tiny. */
export interface TinyProtector extends LayerHandle {
  /** The server that Tiny is told to serve by. */
  readonly serve: (application: TinyApplication) => Server;
}

/** {@link bulwark}, with {@link View} of a request at \`bulwark.of\`. */
export interface TinyBulwark {
  (policy?: PolicyOptions | Policy): TinyProtector;
  /** What the layer knows of a request. */
  of(request: IncomingMessage): View;
}

/** Makes the layer for Tiny. */
export const bulwark: TinyBulwark = Object.assign(
  (policy: PolicyOptions | Policy = {}): TinyProtector => {
    const layer = protect(policy, { hardened: 'layer.serve(application)' });
    const serve = (application: TinyApplication): Server =>
      layer.createServer((request, response) =>
        layer(request, response, () => runHandler(application, request, response)),
      );
    return Object.assign(layer, { serve });
  },
  { of: (request: IncomingMessage): View => viewOf(request, 'serve by layer.serve(application)') },
);
`,
    'src/adapters/tiny.test.ts': `
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serveRoutes } from '../testing/hosts/application.ts';
import { hostConformance } from '../testing/hosts/conformance.ts';
import { bulwark } from './tiny.ts';

hostConformance('Tiny', async (policy, routes) => {
  const layer = bulwark(policy);
  const server = layer.serve((request, response) => serveRoutes(routes, request, response, bulwark.of(request)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await layer.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
});
`,
  },
  lines: {
    'package.json': [
      [
        '  "exports": {',
        `    "./tiny": {
      "bulwark-source": "./src/adapters/tiny.ts",
      "types": "./dist/adapters/tiny.d.ts",
      "default": "./dist/adapters/tiny.js"
    },`,
      ],
    ],
  },
};
