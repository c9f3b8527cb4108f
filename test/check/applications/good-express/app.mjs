import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import cors from 'cors';
import { csrfSync } from 'csrf-sync';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';
import helmet from 'helmet';
import { store } from './store.mjs';
import { accounts } from './routes/accounts.mjs';
import { notes } from './routes/notes.mjs';

const secret = process.env['SESSION_SECRET'];
if (secret === undefined) throw new Error('SESSION_SECRET is not set');

export const app = express();
app.set('trust proxy', 1);
app.set('view engine', 'ejs');
app.use((req, res, next) => {
  res.locals.nonce = randomBytes(16).toString('base64');
  next();
});
app.use(
  helmet({
    contentSecurityPolicy: {
      directives: { scriptSrc: ["'self'", (req, res) => `'nonce-${res.locals.nonce}'`] },
    },
  }),
);
app.use(express.static(join(import.meta.dirname, 'public')));
app.use(express.json({ limit: '100kb' }));
app.use(express.urlencoded({ extended: false, limit: '100kb' }));
app.use(cors({ origin: ['https://app.example.com'], credentials: true }));
app.use(
  session({
    name: '__Host-sid',
    secret,
    store,
    resave: false,
    saveUninitialized: false,
    cookie: {
      secure: process.env['NODE_ENV'] === 'production',
      httpOnly: true,
      sameSite: 'lax',
      maxAge: 8 * 3600_000,
    },
  }),
);
const { csrfSynchronisedProtection } = csrfSync();
app.use(csrfSynchronisedProtection);
app.use('/accounts', rateLimit({ windowMs: 15 * 60_000, limit: 20 }), accounts);
app.use('/notes', notes);
app.use((error, req, res, next) => {
  console.error(error.stack);
  res.status(500).render('error', { message: 'Something went wrong.' });
});

app.listen(3000);
