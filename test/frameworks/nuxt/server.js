import { bulwark } from 'bulwark/node';
import { listener } from './.output/server/index.mjs';
import policy from './bulwark.config.js';

const layer = bulwark(policy);
layer.createServer(layer.handler(listener)).listen(process.env.PORT ?? 3000);
