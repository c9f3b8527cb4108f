import { join } from 'node:path';
import {
  AngularNodeAppEngine,
  createNodeRequestHandler,
  writeResponseToNodeResponse,
} from '@angular/ssr/node';
import { current } from 'bulwark/current';
import express from 'express';

const app = express();
const angular = new AngularNodeAppEngine();

app.get('/api/hello', (_request, response) => response.json({ hello: 'world' }));
app.get('/wrong', () => {
  throw new Error('the database password is hunter2');
});
app.post('/api/hello', express.json(), (request, response) => response.json({ hello: request.body.name }));
app.post('/notes', express.json(), (request, response) => response.json({ note: request.body.note }));
app.post('/sign-in', express.urlencoded(), async (request, response) => {
  // An application asks for a password here.
  await current().session.signIn({ account: request.body.account, roles: [] });
  response.redirect(303, '/account');
});
app.use(express.static(join(import.meta.dirname, '../browser'), { index: false, redirect: false }));
app.use(async (request, response, next) => {
  const answer = await angular.handle(request, { account: current().principal?.account });
  if (answer === null) next();
  else await writeResponseToNodeResponse(answer, response);
});

export const reqHandler = createNodeRequestHandler(app);
