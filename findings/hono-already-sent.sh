#!/usr/bin/env bash
# Guess: what a handler returns as RESPONSE_ALREADY_SENT of @hono/node-server is left alone, wherever it is imported.
# Seen: it is where it is imported before the server is made. Where a handler imports it later (a route that is loaded when it is
# first asked for), the marker is sent as an answer: 200, no body, and a header `x-hono-already-sent`; what the handler writes
# afterwards finds the head gone. A Response with that header, made by hand, does the same.
# Versions: @hono/node-server 2.1.9, hono 4.13.19. Seen on 2026-11-30, on Node.js 24.
# Why it matters: an answer that leaves by Node's own response (a download, a stream) is empty, with 200. The server puts a Response
# of its own in place of Node's, which is written out without a look at its headers until something else of it is read:
# `void response.body` before it is returned is enough.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @hono/node-server@2.1.9 hono@4.13.19

cat >run.mjs <<'JS'
import { once } from 'node:events';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';

const early = process.argv[2] === 'before';
const load = () => import('@hono/node-server/utils/response');
const known = early ? await load() : undefined;
const app = new Hono();
let answered;
const gate = new Promise((resolve) => { answered = resolve; });
app.get('/', async (c) => {
  const { RESPONSE_ALREADY_SENT } = known ?? (await load());
  const { outgoing } = c.env;
  // Later than the handler returns, as of a stream.
  setTimeout(() => {
    if (!outgoing.headersSent) outgoing.writeHead(200, { 'content-type': 'text/plain' }).end('the download');
    answered();
  }, 200);
  return RESPONSE_ALREADY_SENT;
});
const server = createAdaptorServer({ fetch: app.fetch }).listen(0, '127.0.0.1');
await once(server, 'listening');
const response = await fetch(`http://127.0.0.1:${server.address().port}/`);
const marker = response.headers.has('x-hono-already-sent') ? 'with the marker' : 'without the marker';
console.log(`${process.argv[2]}: ${response.status} "${await response.text()}" ${marker}`);
await gate;
process.exit();
JS
says() {
  seen=$(node run.mjs "$1")
  echo "$seen"
  [ "$seen" = "$1: $2" ] || fail "imported $1"
}
says before '200 "the download" without the marker'
says later '200 "" with the marker'
