/** `npm run site:serve`: the built site on http://localhost:4000, under Bulwark. PORT, HOST and BULWARK_ORIGIN override. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { AddressInfo } from 'node:net';
import { bulwark } from 'bulwark/node';
import { serveFiles } from './files.ts';
import { sitePolicy } from './policy.ts';

const FOLDER = resolve(process.argv[2] ?? join(import.meta.dirname, 'dist'));
const PORT = Number(process.env['PORT'] ?? '4000');
const HOST = process.env['HOST'] ?? '127.0.0.1';

if (!existsSync(join(FOLDER, 'index.html'))) {
  console.error(`${FOLDER} has no site in it: npm run site`);
  process.exit(1);
}
const layer = bulwark(sitePolicy(process.env['BULWARK_ORIGIN']));
const server = layer.createServer(layer.handler(serveFiles(FOLDER)));
server.listen(PORT, HOST);
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
console.log(`The site is at http://localhost:${port}/`);
