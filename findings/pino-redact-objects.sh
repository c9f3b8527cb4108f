#!/usr/bin/env bash
# Guess: what pino writes without `redact` it also writes with it, less what is redacted.
# Seen: where `redact` has a path below a key, a URL under that key makes the call of the logger throw; where the path has a
# wildcard, a Buffer does too. A Map or a Date never does, and without `redact` all of them are written.
# Versions: pino 10.4.0, @pinojs/redact 0.4.0. Seen on 2026-11-30, on Node.js 24.
# Why it matters: a log call that throws in a handler is a 500. Who redacts has to know what is logged, or make plain data of
# it first.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pino@10.4.0 @pinojs/redact@0.4.0

cat >run.mjs <<'JS'
import pino from 'pino';

const VALUES = { URL: new URL('https://a.example/'), Buffer: Buffer.from('a'), Date: new Date(0), Map: new Map([['a', 1]]) };
const STATED = {
  'no redact': { URL: 'written', Buffer: 'written', Date: 'written', Map: 'written' },
  'details.password': { URL: 'throws', Buffer: 'written', Date: 'written', Map: 'written' },
  'details.*.password': { URL: 'throws', Buffer: 'throws', Date: 'written', Map: 'written' },
};
let changed = false;
for (const [path, stated] of Object.entries(STATED)) {
  const redact = path === 'no redact' ? [] : [path];
  const log = pino({ redact }, { write: () => undefined });
  for (const [name, value] of Object.entries(VALUES)) {
    let seen = 'written';
    try {
      log.info({ details: value });
    } catch (error) {
      seen = 'throws';
      console.log(`  ${error.message}`);
    }
    console.log(`${path}, ${name}: ${seen}`);
    changed ||= seen !== stated[name];
  }
}
if (changed) throw new Error('CHANGED: the find states otherwise');
JS
node run.mjs
