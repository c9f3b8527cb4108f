#!/usr/bin/env bash
# Guess: with Astro's own policy, `security.csp` with `strictDynamic: true`, the scripts that Astro builds into a page run.
# Seen: a script that Astro puts into a file is in the policy by the hash of that file, and its element has no `integrity`, without
# which browsers look at no such hash. Without `strictDynamic` `'self'` lets it run; with it nothing does, and there is no word of
# it from the build. A script that is written into the page runs either way.
# Versions: astro 7.3.5 (vite 8.3.8), playwright-core 1.65.1, Chromium 156.0.8078.108 (Debian 12). Seen on 2026-11-30, on Node.js 24.
# Why it matters: whether a page works hangs on the size of a script, which decides whether it is written into the page.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
export ASTRO_TELEMETRY_DISABLED=1
cat >package.json <<'JSON'
{
  "private": true,
  "type": "module",
  "dependencies": { "astro": "7.3.5", "playwright-core": "1.65.1" },
  "overrides": { "vite": "8.3.8" }
}
JSON
npm install --silent --no-audit --no-fund --ignore-scripts

mkdir -p src/pages
cat >astro.config.mjs <<'JS'
import { defineConfig } from 'astro/config';

export default defineConfig({
  security: { csp: { scriptDirective: { strictDynamic: process.env.STRICT === 'true' } } },
  outDir: process.env.OUT,
  vite: { build: { assetsInlineLimit: Number(process.env.INLINE) } },
});
JS
cat >src/pages/index.astro <<'ASTRO'
<html lang="en">
  <head><title>before</title><link rel="icon" href="data:," /></head>
  <body>
    <script>
      document.title = 'ran';
    </script>
  </body>
</html>
ASTRO

cat >run.mjs <<'JS'
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const executablePath = execFileSync('sh', ['-c', 'command -v chromium || command -v google-chrome']).toString().trim();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

async function shown(folder) {
  const server = createServer(({ url }, response) => {
    const file = url === '/' ? '/index.html' : url;
    response.setHeader('Content-Type', file.endsWith('.js') ? 'text/javascript' : 'text/html');
    response.end(readFileSync(folder + file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`, { waitUntil: 'networkidle' });
  const title = await page.title();
  await page.close();
  server.close();
  server.closeAllConnections();
  return title;
}

const seen = {};
for (const folder of ['file', 'file-strict', 'inline-strict']) seen[folder] = await shown(folder);
await browser.close();
const stated = { file: 'ran', 'file-strict': 'before', 'inline-strict': 'ran' };
console.log(JSON.stringify(seen));
if (JSON.stringify(seen) !== JSON.stringify(stated)) process.exit(1);
JS

STRICT=false INLINE=0 OUT=file npx astro build >/dev/null
STRICT=true INLINE=0 OUT=file-strict npx astro build >/dev/null
STRICT=true INLINE=4096 OUT=inline-strict npx astro build >/dev/null
node run.mjs || fail "with strictDynamic a script in a file runs"
