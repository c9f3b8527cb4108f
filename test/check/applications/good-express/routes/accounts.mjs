import { randomBytes } from 'node:crypto';
import { verify } from '@node-rs/argon2';
import { Router } from 'express';
import jwt from 'jsonwebtoken';
import { findUser } from '../db.mjs';

const JWT_KEY = process.env['JWT_KEY'];

export const accounts = Router();

accounts.post('/login', async (req, res) => {
  const user = await findUser(String(req.body.name));
  if (user === undefined || !(await verify(user.hash, String(req.body.password)))) {
    return res.status(401).render('login', { name: req.body.name, wrong: true });
  }
  return req.session.regenerate(() => {
    req.session.user = user.id;
    const next = String(req.query.next ?? '/');
    res.redirect(next.startsWith('/') && !next.startsWith('//') ? next : '/');
  });
});

accounts.get('/api', (req, res) => {
  const claims = jwt.verify(req.get('authorization')?.slice(7) ?? '', JWT_KEY, { algorithms: ['HS256'] });
  res.json({ id: claims.sub });
});

accounts.post('/reset', (req, res) => {
  const token = randomBytes(32).toString('base64url');
  const delay = Math.random() * 100;
  setTimeout(() => res.json({ sent: token.length > 0 }), delay);
});
