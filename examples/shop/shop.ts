/** A small shop on Express: what a newcomer's application has, under one policy. It listens where `PORT` says. */
import { accountPages } from 'bulwark/account-pages';
import { bulwark } from 'bulwark/express';
import express, { Router } from 'express';
import { WebSocketServer } from 'ws';

const { PORT = '3000', PARTNER = 'https://partner.example' } = process.env;
const { MAPS = 'https://maps.example.com', FONTS = 'https://fonts.example.com' } = process.env;
const { PAYMENTS_SECRET = 'whsec_bWFkZSB1cCBmb3IgYSBkZXZlbG9wZXIgYWxvbmUhIQ==' } = process.env;

const items = [
  { id: 'kettle', name: 'Kettle', stock: 3 },
  { id: 'teapot', name: 'Teapot', stock: 5 },
];
const orders: { readonly account: string; readonly item: string; paid: boolean }[] = [];
const watchers = new Set<() => void>();

const layer = bulwark({
  accounts: { name: 'Shop' },
  accountPages: { home: '/orders' },
  routes: {
    '/orders/**': { require: 'signed-in' },
    '/orders/:number/invoice': { download: true },
    'POST /reviews': { require: 'signed-in', limit: '5/minute' },
    '/live': { require: 'signed-in' }, // a WebSocket
    '/api/**': { cors: { origins: [PARTNER] } },
    'POST /hooks/payments': { webhook: { scheme: 'standard', secrets: [PAYMENTS_SECRET] } },
    '/find-us': {
      csp: { 'frame-src': [MAPS], 'style-src': ["'self'", FONTS], 'font-src': ["'self'", FONTS] },
    },
    'GET /healthz': { anyHost: true, insecureHttp: true },
  },
});

const app = express();
app.set('view engine', 'ejs').set('views', `${import.meta.dirname}/views`);
app.use(layer);
app.use(express.static(`${import.meta.dirname}/public`));
app.use(accountPages(layer));
app.post('/hooks/payments', express.json(), (request, response) => {
  const paid = orders[(request.body as { order: number }).order];
  if (paid !== undefined) paid.paid = true;
  response.sendStatus(204);
});
app.use(express.urlencoded({ extended: false }), express.json());
app.get('/', (request, response) => response.render('home', { items, who: bulwark.of(request).principal }));
app.get('/find-us', (_request, response) => response.render('find-us', { maps: MAPS, fonts: FONTS }));
app.get('/healthz', (_request, response) => response.send('ok'));
app.get('/api/items', (_request, response) => response.json(items));
app.post('/reviews', (request, response) => {
  const { text } = request.body as { text: string };
  response.status(201).json({ text, by: bulwark.of(request).principal?.account });
});
app.get('/stock', (request, response) => {
  const tell = () => response.write(`data: ${JSON.stringify(items)}\n\n`);
  response.type('text/event-stream').flushHeaders();
  watchers.add(tell);
  bulwark.of(request).signal.addEventListener('abort', () => watchers.delete(tell));
});

const mine = Router();
mine.get('/', (request, response) => {
  const { principal, csrfToken } = bulwark.of(request);
  response.render('orders', { orders, items, account: principal?.account, csrfToken });
});
mine.post('/', (request, response) => {
  const item = items.find(({ id }) => id === (request.body as { item: string }).item);
  if (item === undefined || item.stock === 0) return void response.sendStatus(409);
  item.stock -= 1;
  orders.push({ account: bulwark.of(request).principal?.account ?? '', item: item.name, paid: false });
  for (const tell of watchers) tell();
  response.redirect(303, '/orders');
});
mine.get('/:number/invoice', (request, response) => {
  const order = orders[Number(request.params.number)];
  if (order?.account !== bulwark.of(request).principal?.account) return void response.sendStatus(404);
  response
    .attachment('invoice.txt')
    .send(`${order?.item}, ${order?.paid === true ? 'paid' : 'to be paid'}\n`);
});
app.use('/orders', mine);

const server = layer.createServer(app);
new WebSocketServer({ server, path: '/live' }).on('connection', (socket, request) => {
  const { principal, signal } = bulwark.of(request);
  signal.addEventListener('abort', () => socket.close(4401, 'signed out'));
  socket.on('message', (text: Buffer) => socket.send(`${principal?.account} says ${text.toString()}`));
});
server.listen(Number(PORT), '127.0.0.1');
