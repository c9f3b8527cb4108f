import { bulwark } from 'bulwark/node';
import { handler } from './build/handler.js';
import policy from './bulwark.config.js';

const layer = bulwark(policy);
layer.createServer(layer.handler(handler)).listen(Number(process.env.PORT ?? 3000));
