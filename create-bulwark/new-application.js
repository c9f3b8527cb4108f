/** The files of a new application: as little as shows where things go, and nothing that would have to be taken out again. */
import { readFileSync } from 'node:fs';

const PAGE =
  '`<!doctype html><title>Hello</title><h1>Hello</h1><script nonce="${nonce}">document.title += "!"</script>`';

const LISTENING = '() => console.log(`http://localhost:${port}`)';

/** An empty one is every address to Node.js. */
const PLACE = `const port = Number(process.env.PORT ?? 3000);
// This machine alone. A container that others reach through its own address wants HOST=0.0.0.0.
const host = process.env.HOST || '127.0.0.1';`;

/** Each with its packages, at the versions that Bulwark is tested with, and its server. */
export const FRAMEWORKS = {
  express: {
    packages: { express: '^5.3.0' },
    server: `import { bulwark } from 'bulwark/express';
import express from 'express';
import policy from './bulwark.config.js';

${PLACE}
const layer = bulwark(policy);
const app = express();
app.use(layer); // before everything else
app.get('/', (request, response) => {
  const { nonce } = bulwark.of(request);
  response.send(${PAGE});
});
app.get('/members', (request, response) => response.send('For members.'));
layer.createServer(app).listen(port, host, ${LISTENING});
`,
  },
  fastify: {
    packages: { fastify: '^5.12.8' },
    server: `import { bulwark } from 'bulwark/fastify';
import Fastify from 'fastify';
import policy from './bulwark.config.js';

${PLACE}
const layer = bulwark(policy);
const app = Fastify({ serverFactory: layer.serverFactory });
app.get('/', (request, reply) => {
  const { nonce } = bulwark.of(request);
  reply.type('text/html; charset=utf-8');
  return ${PAGE};
});
app.get('/members', () => 'For members.');
await app.listen({ port, host });
console.log(\`http://localhost:\${port}\`);
`,
  },
  hono: {
    packages: { '@hono/node-server': '^2.1.9', hono: '^4.13.19' },
    server: `import { serve } from '@hono/node-server';
import { bulwark } from 'bulwark/hono';
import { Hono } from 'hono';
import policy from './bulwark.config.js';

${PLACE}
const layer = bulwark(policy);
const app = new Hono();
app.get('/', (context) => {
  const { nonce } = bulwark.of(context);
  return context.html(${PAGE});
});
app.get('/members', (context) => context.text('For members.'));
serve({ fetch: app.fetch, createServer: layer.createServer, port, hostname: host }, ${LISTENING});
`,
  },
  node: {
    packages: {},
    server: `import { bulwark } from 'bulwark/node';
import policy from './bulwark.config.js';

${PLACE}
const layer = bulwark(policy);
const listener = layer.handler((request, response) => {
  const { nonce } = bulwark.of(request);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(request.url === '/members' ? 'For members.' : ${PAGE});
});
layer.createServer(listener).listen(port, host, ${LISTENING});
`,
  },
};

const POLICY = `import { definePolicy } from 'bulwark';

export default definePolicy({
  // The address that people type. Until it is here, or in BULWARK_ORIGIN, this machine alone is answered.
  // origin: 'https://app.example.com',
  routes: {
    // Without a line, a route is for everyone.
    '/members/**': { require: 'signed-in' },
  },
});
`;

/** The version of Bulwark that this package came with: that of its own dependency, which a release sets. */
function bulwarkRange() {
  const own = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
  return `^${own.dependencies.bulwark}`;
}

/**
 * By path.
 *
 * @param {string} framework - a key of FRAMEWORKS
 * @param {string} name - what npm calls it
 * @returns {Readonly<Record<string, string>>}
 */
export function newApplication(framework, name) {
  const { packages, server } = FRAMEWORKS[/** @type {keyof typeof FRAMEWORKS} */ (framework)];
  const manifest = {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    scripts: {
      // Not in front of the command: that is no command where the shell is that of Windows.
      dev: 'node --env-file=development.env --watch server.js',
      start: 'node server.js',
    },
    dependencies: { bulwark: bulwarkRange(), ...packages },
    engines: { node: '>=24.7.0' },
  };
  return {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'bulwark.config.js': POLICY,
    'server.js': server,
    'development.env':
      '# Of this machine alone. A server is told nothing, and wants BULWARK_SECRET, BULWARK_ORIGIN and mostly HOST.\nNODE_ENV=development\n',
    '.gitignore': 'node_modules/\ndata/\n.env\n',
  };
}
