#!/usr/bin/env bash
# Guess: a page that Nuxt streams (`experimental.ssrStreaming`) hydrates in every browser of today.
# Seen: in Chromium it does, in Firefox it does not. The header `Link` has the scripts of the page fetched as modules before the page is
# read, and Firefox then leaves out the import map that the page begins with: "The specifier "#entry" was a bare specifier". The page is
# shown, and no button of it works. With `entryImportMap: false` beside it there is no map, and it hydrates in both.
# Versions: nuxt 4.5.2 (vite 8.3.8), puppeteer-core 25.16.0, playwright-core 1.65.1, Firefox 153.8.0 ESR and Chromium 156 (Debian 12).
# Seen on 2026-12-01, on Node.js 24.
# Why it matters: it looks as if a policy had blocked the scripts, and no policy is sent.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
export NUXT_TELEMETRY_DISABLED=1
cat >package.json <<'JSON'
{
  "private": true,
  "type": "module",
  "dependencies": { "nuxt": "4.5.2", "puppeteer-core": "25.16.0", "playwright-core": "1.65.1" },
  "overrides": { "vite": "8.3.8" }
}
JSON
npm install --silent --no-audit --no-fund --ignore-scripts

mkdir -p app/pages
cat >nuxt.config.js <<'JS'
export default defineNuxtConfig({
  compatibilityDate: '2026-11-01',
  telemetry: false,
  nitro: { preset: 'node-listener', serveStatic: true, output: { dir: process.env.OUT } },
  experimental: { ssrStreaming: true, entryImportMap: process.env.MAP === 'true' },
});
JS
echo '<template><NuxtPage /></template>' >app/app.vue
for page in index second; do
  cat >"app/pages/$page.vue" <<'VUE'
<script setup>
const alive = ref('no');
onMounted(() => { alive.value = 'hydrated'; });
</script>
<template><main><p id="alive">{{ alive }}</p><NuxtLink to="/second">second</NuxtLink></main></template>
VUE
done
for map in true false; do MAP=$map OUT=".out-$map" npx nuxt build >build.log 2>&1 || { tail -20 build.log; fail "the build"; }; done

cat >run.mjs <<'JS'
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { launch } from 'puppeteer-core';

const find = (names) => execFileSync('sh', ['-c', names.map((name) => `command -v ${name}`).join(' || ')]).toString().trim();
const firefox = await launch({ browser: 'firefox', executablePath: find(['firefox-esr', 'firefox']), headless: true });
const chrome = await chromium.launch({ executablePath: find(['chromium', 'google-chrome']), args: ['--no-sandbox'] });
for (const map of ['true', 'false']) {
  const { listener } = await import(`./.out-${map}/server/index.mjs`);
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://localhost:${server.address().port}/`;
  for (const [name, browser] of [['Firefox', firefox], ['Chromium', chrome]]) {
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(url);
    const shown = () => page.evaluate("document.querySelector('#alive').textContent");
    // It hydrates, or says why it does not.
    for (let tries = 0; tries < 200 && (await shown()) !== 'hydrated' && errors.length === 0; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const why = errors.some((error) => error.includes('#entry')) ? ', #entry is not mapped' : '';
    console.log(`import map ${map}, ${name}: ${await shown()}${why}`);
    await page.close();
  }
  server.closeAllConnections();
  server.close();
}
await Promise.all([firefox.close(), chrome.close()]);
process.exit(0);
JS
node run.mjs | tee seen
grep -qx 'import map true, Firefox: no, #entry is not mapped' seen || fail "Firefox with the map"
for line in 'true, Chromium' 'false, Firefox' 'false, Chromium'; do grep -qx "import map $line: hydrated" seen || fail "$line"; done
