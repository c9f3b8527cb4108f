import { createRequestHandler } from '@react-router/express';
import express from 'express';
import { bulwark } from 'bulwark/express';
import * as build from './build/server/index.js';
import policy from './bulwark.config.js';

const app = express();
const layer = bulwark(policy);
app.use(layer);
app.use(express.static('build/client', { index: false }));
app.use(createRequestHandler({ build }));
layer.createServer(app).listen(Number(process.env.PORT ?? 3000));
