#!/usr/bin/env bash
# Guess: 1Password Connect's client rejects with an Error that has a message and a status, whatever went wrong.
# Seen: it rejects with the body of the answer as it came. That is a bare object for Connect's own refusals, and a text for the page
# of a proxy in front of it: neither is an Error, and the text has no status. The client's own refusals (no item, or several, of
# a title) are bare objects too. Only where the body is empty or nobody listens is it an Error.
# Versions: @1password/connect 1.4.2, axios 1.21.1, Node.js 24. Seen on 2026-12-01.
# Why it matters: whoever tells failures by `error instanceof Error`, `error.message` or `error.code` says nothing of a token that was
# revoked, and an object with a `status` of 404 is a missing item as well as a wrong address. src/secrets/managers/one-password.ts
# goes by `status`, whatever has it, and asks for the vault first.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @1password/connect@1.4.2 axios@1.21.1 >/dev/null
cat >run.mjs <<'EOF'
import connect from '@1password/connect';
import { createServer } from 'node:http';

const VAULT = 'abcdefghijklmnopqrstuvwxyz';
let answer;
const server = createServer((request, response) => {
  const [status, type, body] = answer;
  response.writeHead(status, { 'Content-Type': type }).end(body);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();
const client = connect.OnePasswordConnect({ serverURL: `http://127.0.0.1:${port}`, token: 'a-token' });
const said = async (what) => {
  const error = await client.getItemByTitle(VAULT, 'app').catch((caught) => caught);
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  console.log(`${what}: ${kind}, status ${error.status ?? 'none'}`);
};
const json = 'application/json';
answer = [401, json, '{"status":401,"message":"Invalid bearer token"}'];
await said('refused by Connect');
answer = [502, 'text/html', '<h1>Bad Gateway</h1>'];
await said('a page of a proxy');
answer = [502, 'text/plain', ''];
await said('an empty answer');
answer = [200, json, '[]'];
await said('no item');
answer = [200, json, JSON.stringify([1, 2].map((id) => ({ id, vault: { id: VAULT } })))];
await said('two items');
server.closeAllConnections();
await new Promise((resolve) => server.close(resolve));
await said('nobody listens');
EOF
node run.mjs | tee seen
diff seen - <<'EOF' || fail "what is rejected with"
refused by Connect: object, status 401
a page of a proxy: string, status none
an empty answer: AxiosError, status 502
no item: object, status 404
two items: object, status 400
nobody listens: AxiosError, status none
EOF
