const { ensureLoggedIn } = require('connect-ensure-login');
const flash = require('connect-flash');
const express = require('express');
const session = require('express-session');
const passport = require('passport');
const { Strategy } = require('passport-local');

const users = new Map([
  ['ann', { id: 7, name: 'ann', blocked: false }],
  ['bob', { id: 8, name: 'bob', blocked: true }],
  ['eve', { id: 9, name: 'eve', blocked: false }],
]);

passport.use(
  new Strategy((name, password, done) => {
    const user = users.get(name);
    if (user === undefined || password !== 'made up for this test')
      return done(null, false, { message: 'No such name and password' });
    done(null, user);
  }),
);
passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser((id, done) => {
  done(null, [...users.values()].find((user) => user.id === id) ?? false);
});

const app = express();
app.use(express.urlencoded());
app.use(session({ secret: 'made up for this test', resave: false, saveUninitialized: false }));
app.use(passport.session());
app.use(flash());

function put(kept, item) {
  kept.items = [...(kept.items ?? []), item];
}

app.get('/', (req, res) => {
  res.json({
    user: req.user?.name ?? null,
    in: req.isAuthenticated(),
    items: req.session.items ?? [],
    said: req.flash(),
  });
});
app.post('/items', (req, res) => {
  put(req.session, req.body.item);
  req.flash('info', 'Put there');
  res.redirect('/');
});
app.get('/private', ensureLoggedIn('/login'), (req, res) => res.send(`for ${req.user.name}`));
app.get('/login', (req, res) => res.json(req.flash('error')));
app.post(
  '/login',
  passport.authenticate('local', {
    successReturnToOrRedirect: '/',
    failureRedirect: '/login',
    failureFlash: true,
  }),
);
// It proves who somebody is, and refuses whom it does not want all the same.
app.post('/checked', (req, res, next) => {
  passport.authenticate('local', (error, user) => {
    if (error || !user) return next(error ?? new Error('nobody'));
    if (user.blocked) return res.redirect('/login');
    req.logIn(user, { keepSessionInfo: true }, (failed) => (failed ? next(failed) : res.redirect('/')));
  })(req, res, next);
});
app.post('/logout', (req, res, next) => {
  req.logout((error) => {
    if (error) return next(error);
    req.flash('info', 'Signed out');
    res.redirect('/');
  });
});
app.post('/remove', (req, res) => {
  users.delete(req.user.name);
  res.redirect('/');
});

app.listen(process.env.PORT, '127.0.0.1');
