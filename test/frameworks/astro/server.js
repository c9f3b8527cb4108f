import { bulwark } from 'bulwark/express';
import express from 'express';
import policy from './bulwark.config.js';
import { handler } from './dist/server/entry.mjs';

const app = express();
const layer = bulwark(policy);
app.use(layer);
app.use(express.static('dist/client'));
app.use(handler);
layer.createServer(app).listen(process.env.PORT ?? 3000);
