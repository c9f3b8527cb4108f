import express from 'express';
import helmet from 'helmet';
import session from 'express-session';
import csrf from 'csurf';
import { rateLimit } from 'express-rate-limit';
import { orders } from './orders.js';

const { PORT = '3000', SESSION_SECRET = 'for a developer alone' } = process.env;
const people = new Map([['ann', 'four quiet words']]);

const app = express();
app.set('view engine', 'ejs');
app.set('views', new URL('views', import.meta.url).pathname);

app.use(
  helmet({
    contentSecurityPolicy: {
      directives: {
        imgSrc: ["'self'", 'data:', 'https://images.example.com'],
        scriptSrcAttr: ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: false,
  }),
);
app.use(
  rateLimit({ windowMs: 15 * 60 * 1000, limit: 100, standardHeaders: 'draft-8', legacyHeaders: false }),
);
const loginLimiter = rateLimit({ windowMs: 60 * 1000, max: 5 });
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

app.get('/', (req, res) => {
  req.session.visits = (req.session.visits ?? 0) + 1;
  res.render('home', {
    user: String(req.session.user ?? 'nobody'),
    visits: Number(req.session.visits),
    csrfToken: req.csrfToken(),
  });
});

app.post('/login', loginLimiter, (req, res) => {
  const { username = '', password } = req.body ?? {};
  if (!people.has(username) || people.get(username) !== password) {
    res.status(401).send('wrong');
    return;
  }
  req.session.regenerate(() => {
    req.session.user = username;
    res.redirect('/');
  });
});

app.post('/logout', (req, res, next) => {
  req.session.destroy((err) => {
    if (err) return next(err);
    res.redirect('/');
  });
});

app.use('/orders', orders);

app.listen(Number(PORT), '127.0.0.1');
