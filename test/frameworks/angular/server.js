import { bulwark } from 'bulwark/node';
import policy from './bulwark.config.js';
import { reqHandler } from './dist/server/server.mjs';

const layer = bulwark(policy);
layer.createServer(layer.handler(reqHandler)).listen(process.env.PORT ?? 3000);
