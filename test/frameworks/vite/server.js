import express from 'express';
import { bulwark } from 'bulwark/express';
import policy from './bulwark.config.js';
import { api } from './api.js';

const layer = bulwark(policy);
const app = express();
app.use(layer, api);
const server = layer.createServer(app);
if (process.env.NODE_ENV === 'development') {
  const { createServer } = await import('vite');
  const vite = await createServer({ server: { middlewareMode: true, hmr: { server } } });
  app.use(vite.middlewares);
}
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
