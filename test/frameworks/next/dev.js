import next from 'next';
import { bulwark } from 'bulwark/node';
import policy from './bulwark.config.js';

const port = Number(process.env.PORT ?? 3000);
const layer = bulwark({ ...policy, csp: { ...policy.csp, mode: 'observe' } });
const server = layer.createServer(layer.handler((request, response) => answer(request, response)));
// It takes the server for its updates, and so comes after it.
const app = next({ dev: true, httpServer: server, hostname: 'localhost', port });
await app.prepare();
const answer = app.getRequestHandler();
server.listen(port);
