/** Bulwark in front of an application that does little for itself; single controls can be taken out. */
import type { Server } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { bulwark } from '../../../src/adapters/express.ts';
import type { PolicyOptions } from '../../../src/policy/policy.ts';
import { memory } from '../../../src/stores/memory/state.ts';
import { fixedSecrets, TEST_SECRET } from '../../support/secrets.ts';
import { type Site, startSite, TLS } from './site.ts';

/** What the application itself does worse than it could. The layer makes most of it good. */
export interface Carelessness {
  /** Serves the folder of its source, hidden files included. */
  readonly servesSource?: true;
  /** Sets cookies as they come to mind, and one that looks like a session's. */
  readonly setsCookies?: true;
  /** Answers what it does not know by an exception. */
  readonly throws?: true;
  /** Builds links from what the request says of itself. */
  readonly linksByRequest?: true;
  /** Decodes paths once more, and takes the method from a header. */
  readonly readsAgain?: true;
  /** Sends a Content Security Policy that lets everything through. */
  readonly loosePolicy?: true;
  /** Answers TRACE and PROPFIND, and switches to h2c. */
  readonly answersAll?: true;
  /** Lets whoever asks read its answers, with cookies. */
  readonly reflectsOrigins?: true;
}

/** Starts the site with these sections of the policy in the place of the defaults. */
export async function bulwarkSite(policy: PolicyOptions = {}, careless: Carelessness = {}): Promise<Site> {
  const layer = bulwark({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    ...policy,
  });
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-check-'));
  const app = application(layer, folder, careless);
  const servers = [layer.createServer(app, TLS), layer.createServer(app)] as const;
  for (const server of servers) acceptUpgrades(server, careless);
  return startSite(
    servers,
    async (visitor) => {
      await visitor.ask({
        method: 'POST',
        target: '/sign-in',
        headers: { 'sec-fetch-site': 'same-origin', origin: 'https://example.com' },
      });
    },
    async () => {
      rmSync(folder, { recursive: true });
      await layer.close();
    },
  );
}

function application(
  layer: ReturnType<typeof bulwark>,
  folder: string,
  careless: Carelessness,
): express.Express {
  const app = express();
  app.set('env', careless.throws === true ? 'development' : 'test');
  app.use(layer);
  app.use((request, response, next) => {
    const again = careless.readsAgain === true ? request.get('x-http-method-override') : undefined;
    if (again !== undefined) request.method = again;
    if (careless.readsAgain === true) request.url = readAgain(request.url);
    if (careless.answersAll === true && !/^(?:GET|HEAD|POST|OPTIONS)$/.test(request.method)) {
      response.type('message/http').send(request.rawHeaders.join('\n'));
    } else next();
  });
  if (careless.servesSource === true) {
    writeFileSync(join(folder, '.env'), 'DATABASE_PASSWORD=hunter2hunter2\n');
    mkdirSync(join(folder, '.git'));
    writeFileSync(join(folder, '.git', 'HEAD'), 'ref: refs/heads/main\n');
    app.use(express.static(folder, { dotfiles: 'allow' }));
  }
  app.get('/', (request, response) => {
    if (careless.reflectsOrigins === true && request.headers.origin !== undefined) {
      response.set('Access-Control-Allow-Origin', request.headers.origin);
      response.set('Access-Control-Allow-Credentials', 'true');
      response.send('<!doctype html><title>Front</title>');
      return;
    }
    response.append('Set-Cookie', 'theme=dark');
    if (careless.loosePolicy === true) {
      response.set(
        'Content-Security-Policy',
        "script-src 'unsafe-inline' *; style-src 'nonce-short'; base-uri *",
      );
    }
    if (careless.setsCookies === true) {
      response.append('Set-Cookie', 'theme=dark-as-night; Domain=example.com');
      response.append('Set-Cookie', 'app_session=0123456789abcdef');
      response.append('Set-Cookie', '__Host-cart=0123456789; Path=/shop; SameSite=None');
    }
    if (careless.linksByRequest === true && !request.secure) {
      response.redirect(`https://${linkHost(request)}/`);
      return;
    }
    const base = careless.linksByRequest === true ? `http://${linkHost(request)}` : 'https://example.com';
    const { nonce, principal } = bulwark.of(request);
    response.send(
      `<!doctype html><title>Front</title><p>${principal?.account ?? 'nobody'}<a href="${base}/">home</a><script nonce="${nonce}">1</script>` +
        '<form method="post" action="/notes"><input name="text" value="x"></form>',
    );
  });
  app.post('/', express.json(), (_request, response) => {
    response.json({ ok: true });
  });
  // Far more than the layer takes.
  app.post('/notes', express.urlencoded({ extended: false, limit: '50mb' }), (_request, response) => {
    response.redirect(303, '/');
  });
  app.post('/sign-in', async (request, response) => {
    await bulwark.of(request).session.signIn({ account: 'ada', roles: ['client'] });
    response.json({ ok: true });
  });
  app.use((_request, response) => {
    if (careless.throws === true) throw new Error('the database password is hunter2');
    response.status(404).send('nothing here');
  });
  return app;
}

function linkHost(request: express.Request): string {
  return request.get('x-forwarded-host') ?? request.get('host') ?? '';
}

/** As a router does that decodes a path which was decoded already, and cuts it at NUL. */
function readAgain(target: string): string {
  const path = decodeURIComponent(decodeURIComponent(target)).replace(/\0.*/s, '');
  return new URL(path, 'http://localhost').pathname;
}

/** Takes every WebSocket, whoever asks. */
function acceptUpgrades(server: Server, { answersAll }: Carelessness): void {
  server.on('upgrade', (request, socket) => {
    const to = request.headers.upgrade ?? '';
    if (to === 'websocket' || answersAll === true) {
      socket.end(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${to}\r\nConnection: Upgrade\r\n\r\n`);
    } else socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
}
