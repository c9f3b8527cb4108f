import { createHmac, timingSafeEqual } from 'node:crypto';
import express from 'express';
import helmet from 'helmet';
import session from 'express-session';
import csrf from 'csurf';
import { rateLimit } from 'express-rate-limit';
import { WebSocketServer } from 'ws';
import { items, orders, paid, stock } from './orders.js';

const {
  PORT = '3000',
  PARTNER = 'https://partner.example',
  SESSION_SECRET = 'for a developer alone',
} = process.env;
const { PAYMENTS_SECRET = 'made up for a developer alone' } = process.env;
const people = new Map([['ann', { username: 'ann', password: 'four quiet words' }]]);

const app = express();
app.set('view engine', 'ejs');
app.set('views', new URL('views', import.meta.url).pathname);

app.use(
  helmet({
    contentSecurityPolicy: {
      directives: {
        imgSrc: ["'self'", 'data:', 'https://images.example.com'],
        styleSrc: ["'self'", 'https://fonts.example.com'],
        fontSrc: ["'self'", 'https://fonts.example.com'],
        frameSrc: ['https://maps.example.com'],
        scriptSrcAttr: ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: false,
  }),
);
app.use(
  rateLimit({ windowMs: 15 * 60 * 1000, limit: 500, standardHeaders: 'draft-8', legacyHeaders: false }),
);
const loginLimiter = rateLimit({ windowMs: 60 * 1000, max: 5 });
app.get('/healthz', (req, res) => res.send('ok'));
// Above the middleware that would ask it for a token.
app.post('/hooks/payments', express.raw({ type: 'application/json' }), (req, res) => {
  const signed = createHmac('sha256', PAYMENTS_SECRET).update(req.body).digest();
  const given = Buffer.from(req.get('X-Signature') ?? '', 'hex');
  if (given.length !== signed.length || !timingSafeEqual(given, signed)) return res.sendStatus(401);
  paid(JSON.parse(req.body).order);
  res.sendStatus(204);
});
app.use(express.static(new URL('public', import.meta.url).pathname));
app.use(express.urlencoded({ extended: false }));
app.use(express.json());
app.use(
  session({
    secret: SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax' },
  }),
);
app.use(csrf());
app.use((req, res, next) => {
  res.locals.csrfToken = req.csrfToken();
  next();
});

app.get('/', (req, res) => {
  req.session.visits = (req.session.visits ?? 0) + 1;
  res.render('home', {
    user: String(req.session.user ?? 'nobody'),
    visits: Number(req.session.visits),
    items,
  });
});

app.post('/login', loginLimiter, (req, res) => {
  const { username = '', password } = req.body ?? {};
  const person = people.get(username);
  if (person === undefined || person.password !== password) {
    res.status(401).send('wrong');
    return;
  }
  req.session.regenerate(() => {
    req.session.user = person.username;
    res.redirect('/');
  });
});

app.post('/logout', (req, res, next) => {
  req.session.destroy((err) => {
    if (err) return next(err);
    res.redirect('/');
  });
});

app.get('/find-us', (req, res) => res.render('find-us'));
app.get('/stock', stock);
app.get('/api/items', (req, res) => {
  if (req.get('Origin') === PARTNER) res.set('Access-Control-Allow-Origin', PARTNER);
  res.vary('Origin').json(items);
});
app.post('/reviews', (req, res) => {
  if (!req.session.user) return res.sendStatus(401);
  res.status(201).json({ text: String(req.body.text), by: req.session.user });
});
app.use('/orders', orders);

const server = app.listen(Number(PORT), '127.0.0.1');
new WebSocketServer({ server, path: '/live' }).on('connection', (socket) => {
  socket.on('message', (text) => socket.send(`the shop hears ${text}`));
});
