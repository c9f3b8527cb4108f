/** Board: a small site on Express, with sessions of express-session. It listens where `PORT` says. */
import express from 'express';
import session from 'express-session';

const { PORT = '3000', BOARD_SECRET = 'for a developer alone' } = process.env;
const PASSWORDS = new Map([
  ['ann', 'ann-password'],
  ['bob', 'bob-password'],
]);
/** @type {{ by: string, text: string }[]} */
const posts = [];

const app = express();
app.use(session({ secret: BOARD_SECRET, resave: false, saveUninitialized: false }));
app.use(express.urlencoded({ extended: false }));

app.get('/', (request, response) => {
  const { user } = request.session;
  const list = posts.map(({ by, text }) => `<li>${escape(by)}: ${escape(text)}</li>`).join('');
  const form = user
    ? `<form method="post" action="/posts"><input name="text" required><button>Post</button></form>
<form method="post" action="/logout"><button>Sign out</button></form>`
    : '<p><a href="/login">Sign in</a></p>';
  response.send(page(`<h1>Board</h1><ul>${list}</ul>${form}`));
});

app.get('/login', (_request, response) => {
  response.send(page(loginForm('')));
});

app.post('/login', (request, response) => {
  const { username = '', password } = request.body ?? {};
  if (!PASSWORDS.has(username) || PASSWORDS.get(username) !== password) {
    response.send(page(loginForm('Wrong name or password.')));
    return;
  }
  request.session.regenerate(() => {
    request.session.user = username;
    response.redirect('/');
  });
});

app.post('/logout', (request, response) => {
  request.session.destroy(() => response.redirect('/'));
});

app.post('/posts', (request, response) => {
  const { user } = request.session;
  if (!user) {
    response.redirect('/login');
    return;
  }
  posts.push({ by: user, text: String(request.body?.text ?? '') });
  response.redirect('/');
});

app.get('/events', (request, response) => {
  response.type('text/event-stream');
  const count = Number(request.query.count ?? 3);
  let number = 0;
  const timer = setInterval(() => {
    if (number >= count) response.end();
    else response.write(`data: ${number}\n\n`);
    number += 1;
  }, 50);
  response.on('close', () => clearInterval(timer));
});

app.get('/large', async (request, response) => {
  const count = Math.min(Number(request.query.mb ?? 1), 200);
  const piece = Buffer.alloc(1024 * 1024, 'x');
  response.type('application/octet-stream');
  for (let at = 0; at < count; at += 1)
    if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
  response.end();
});

app.post('/count', async (request, response) => {
  let bytes = 0;
  for await (const piece of request) bytes += piece.length;
  response.json({ bytes, declared: Number(request.headers['content-length'] ?? -1) });
});

app.get('/broken', () => {
  throw new Error('something that a visitor must not read: /srv/secret-path');
});

app.listen(Number(PORT), '127.0.0.1');

function loginForm(message) {
  return `<h1>Sign in</h1><p role="alert">${message}</p>
<form method="post"><label>Name <input name="username" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label><button>Sign in</button></form>`;
}

function page(body) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Board</title></head><body>${body}</body></html>`;
}

function escape(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
