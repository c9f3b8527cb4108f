import { Router } from 'express';

export const orders = Router();

orders.use((req, res, next) => {
  if (!req.session.user) return res.status(401).send('sign in');
  next();
});

orders.get('/', (req, res) => {
  res.json({ user: req.session.user, orders: req.session.orders ?? [] });
});

orders.post('/', function add(req, res) {
  req.session.orders = [...(req.session.orders ?? []), String(req.body.item)];
  res.status(201).json({ csrfToken: req.csrfToken() });
});

orders.delete('/', (req, res) => {
  delete req.session.orders;
  res.sendStatus(204);
});
