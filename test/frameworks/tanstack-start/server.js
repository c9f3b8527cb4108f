import express from 'express';
import { toNodeHandler } from 'srvx/node';
import { bulwark } from 'bulwark/express';
import start from './dist/server/server.js';
import policy from './bulwark.config.js';

const app = express();
const layer = bulwark(policy);
app.use(layer);
app.use(express.static('dist/client'));
app.use(toNodeHandler(start.fetch));
layer.createServer(app).listen(Number(process.env.PORT ?? 3000));
