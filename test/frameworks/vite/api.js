import express from 'express';
import { bulwark } from 'bulwark/express';

const notes = [];

export const api = express.Router();

api.use(express.json(), express.urlencoded());
api.get('/api/hello', (_request, response) => response.json({ hello: 'world' }));
api.post('/api/hello', (request, response) => response.json({ hello: request.body.name }));
api.get('/api/notes', (_request, response) => response.json(notes));
api.get('/api/account', (request, response) => response.json(bulwark.of(request).principal ?? null));
api.get('/wrong', () => {
  throw new Error('the database password is hunter2');
});
api.post('/notes', (request, response) => {
  notes.push(request.body.note);
  response.redirect(303, '/notes');
});
api.post('/sign-in', async (request, response) => {
  // An application asks for a password here.
  await bulwark.of(request).session.signIn({ account: request.body.account, roles: [] });
  response.redirect(303, '/account');
});
