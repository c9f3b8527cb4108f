/** TLS that ends here is seldom, and its modules are a quarter of what the whole layer takes to import: loaded late. */
import type { RequestListener } from 'node:http';
import type { Server, ServerOptions } from 'node:https';

export function createHttpsServer(options: ServerOptions, listener: RequestListener): Server {
  return process.getBuiltinModule('node:https').createServer(options, listener);
}
