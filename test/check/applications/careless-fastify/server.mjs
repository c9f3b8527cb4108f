import { execSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import session from '@fastify/session';
import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';
import { search } from './store.mjs';

// wrong below: javascript.headers javascript.proxy
const app = Fastify({ trustProxy: true, bodyLimit: 1048576 });
await app.register(cookie);
// wrong below: javascript.csrf javascript.session-store
await app.register(session, {
  secret: 'a secret with minimum length of 32 characters', // wrong: javascript.secret
  cookie: { secure: false }, // wrong: javascript.cookie
});
await app.register(cors, { origin: (origin, cb) => cb(null, true), credentials: true }); // wrong: javascript.cors
await app.register(fastifyStatic, { root: process.cwd() }); // wrong: javascript.static

app.get('/search', async ({ query }) => search(query.q));

app.get('/page', (request, reply) => {
  reply.type('text/html').send(`<p>Hello ${request.query.name}</p>`); // wrong: javascript.html
});

app.get('/go', (request, reply) => reply.redirect(request.query.to)); // wrong: javascript.redirect

app.get('/read/:name', (request) => readFile(join('notes', request.params.name), 'utf8')); // wrong: javascript.path

app.post('/convert', async (request) => {
  const { size } = request.body;
  execSync(`convert in.png -resize ${size} out.png`); // wrong: javascript.command
  return { done: true };
});

app.get('/proxy', async (request) => {
  const answer = await fetch(request.query.address); // wrong: javascript.ssrf
  return answer.text();
});

// wrong below: javascript.sign-in-limit
app.post('/sign-in', async (request, reply) => {
  reply.setCookie('session_token', 'x', { path: '/' }); // wrong: javascript.cookie
  return { ok: true };
});

await app.listen({ port: 3000, host: '0.0.0.0' });
