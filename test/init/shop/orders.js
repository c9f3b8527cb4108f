import { Router } from 'express';

export const items = [
  { id: 'kettle', name: 'Kettle', stock: 3 },
  { id: 'teapot', name: 'Teapot', stock: 5 },
];
const bought = [];
const watchers = new Set();

export function paid(number) {
  const order = bought[number];
  if (order !== undefined) order.paid = true;
}

export function stock(req, res) {
  const tell = () => res.write(`data: ${JSON.stringify(items)}\n\n`);
  res.type('text/event-stream').flushHeaders();
  watchers.add(tell);
  req.on('close', () => watchers.delete(tell));
}

export const orders = Router();

orders.use((req, res, next) => {
  if (!req.session.user) return res.status(401).send('sign in');
  next();
});

orders.get('/', (req, res) => {
  const { user } = req.session;
  res.render('orders', {
    user: String(user),
    orders: bought,
    items,
    last: String(req.session.last ?? 'nothing'),
  });
});

orders.post('/', function add(req, res) {
  const item = items.find(({ id }) => id === req.body.item);
  if (item === undefined || item.stock === 0) return res.sendStatus(409);
  item.stock -= 1;
  bought.push({ account: String(req.session.user), item: item.name, paid: false });
  for (const tell of watchers) tell();
  req.session.last = item.name;
  res.redirect(303, '/orders');
});

orders.get('/:number/invoice', (req, res) => {
  const order = bought[Number(req.params.number)];
  if (order?.account !== req.session.user) return res.sendStatus(404);
  res.attachment('invoice.txt').send(`${order.item}, ${order.paid ? 'paid' : 'to be paid'}\n`);
});

orders.delete('/', (req, res) => {
  delete req.session.last;
  res.sendStatus(204);
});
