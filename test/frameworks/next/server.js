import next from 'next';
import { bulwark } from 'bulwark/node';
import policy from './bulwark.config.js';

const port = Number(process.env.PORT ?? 3000);
const app = next({ dev: false, hostname: 'localhost', port });
await app.prepare();
const layer = bulwark(policy);
layer.createServer(layer.handler(app.getRequestHandler())).listen(port);
