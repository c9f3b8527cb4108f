/** deploy/gateway/: what its files promise, and the real nginx and Caddy before a gateway before Flask under gunicorn. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { ask, valueOf, valuesOf } from '../../src/testing/wire.ts';
import { type FlaskNotes, FLASK_SERVERS, startNotes } from '../gateway/flask-servers.ts';
import { RunningGateway } from '../gateway/running.ts';
import { GATEWAY_PACKAGES } from '../../tools/gateway-packages.ts';
import { freePort } from '../support/processes.ts';
import { TEST_SECRET } from '../support/secrets.ts';
import { startCaddy } from './caddy.ts';
import type { Compose } from './compose.ts';
import { networksOf, serviceOf } from './compose.ts';
import {
  assemble,
  environmentOf,
  execForm,
  lastOf,
  readContext,
  readDockerfile,
  type Stage,
} from './dockerfile.ts';
import { startNginx } from './nginx.ts';
import { launch, listens, substitute, temporaryFolder } from './processes.ts';
import type { Proxy } from './proxy-suite.ts';
import { askTls } from './tls-client.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'deploy/gateway');
const HOST = 'files.example.com';
const USER = 10_003;

const service = read('bulwark-gateway.service');
const compose = parse(read('compose.yaml'), { merge: true }) as Compose;
const stages = readDockerfile(read('Containerfile'));
const image = stages.at(-1) as Stage;

function read(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}

for (const [name, startProxy] of [
  ['nginx', startNginx],
  ['Caddy', startCaddy],
] as const)
  describe(`${name} before it`, () => {
    let notes: FlaskNotes;
    let gateway: RunningGateway;
    let proxy: Proxy;
    before(async () => {
      const server = FLASK_SERVERS['gunicorn gthread'];
      assert.ok(server !== undefined);
      notes = await startNotes(server);
      gateway = await RunningGateway.start(`export default {
        origin: 'https://${HOST}', proxy: { trusted: ['127.0.0.1'] },
        gateway: { upstream: 'http://127.0.0.1:${notes.port}', vault: true, LISTENS } };`);
      proxy = await startProxy(gateway.port);
    });
    after(async () => {
      await proxy.stop();
      await gateway.stop();
      await notes.stop();
    });

    test('a visitor signs in over TLS, and the application knows who asks, by what, and from where', async () => {
      const same = { 'sec-fetch-site': 'same-origin' };
      const signIn = await askTls(proxy, {
        method: 'POST',
        target: '/login',
        headers: { ...same, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'username=ann&password=ann-password',
      });
      assert.equal(signIn.status, 302);
      const set = valuesOf(signIn, 'set-cookie');
      for (const line of set) assert.match(line, /^__Host-[^;]+; .*Secure/);
      const cookies = { cookie: set.map((line) => line.split(';')[0]).join('; ') };
      assert.equal((await askTls(proxy, { target: '/notes', headers: cookies })).status, 200);
      const forged = {
        'x-forwarded-for': '198.51.100.1',
        'x-forwarded-host': 'evil.example',
        forwarded: 'for=198.51.100.1',
      };
      const { body } = await askTls(proxy, { target: '/seen', headers: forged }, { from: '127.0.0.4' });
      const { headers } = JSON.parse(body) as { headers: [string, string][] };
      const told = new Map(headers.map(([header, value]) => [header.toLowerCase(), value]));
      assert.equal(told.get('x-forwarded-for'), '127.0.0.4');
      assert.equal(told.get('x-forwarded-proto'), 'https');
      assert.equal(told.get('host'), HOST);
      assert.ok(!/198\.51\.100\.1|evil/.test(body));
    });

    test('its headers arrive once, and what it refuses arrives as it is', async () => {
      const page = await askTls(proxy, { target: '/' });
      assert.equal(page.status, 200);
      for (const header of ['content-security-policy', 'strict-transport-security', 'x-content-type-options'])
        assert.equal(valuesOf(page, header).length, 1, header);
      assert.ok(!/gunicorn|Werkzeug/i.test(valueOf(page, 'server') ?? ''));
      const refused = await askTls(proxy, {
        method: 'POST',
        target: '/login',
        headers: { 'sec-fetch-site': 'cross-site' },
      });
      assert.equal(refused.status, 403);
      assert.match(refused.body, /urn:bulwark:problem/);
      for (const path of ['/-/health', '/-/metrics'])
        assert.equal((await askTls(proxy, { target: path })).status, 404);
    });

    test('a reload behind it is not seen', async () => {
      const statuses: number[] = [];
      const over = new AbortController();
      const asking = (async () => {
        while (!over.signal.aborted)
          statuses.push((await askTls(proxy, { target: '/login' }, { from: '127.0.0.7' })).status);
      })();
      await gateway.reload();
      await gateway.reload();
      over.abort();
      await asking;
      assert.deepEqual(
        [...new Set(statuses)].filter((status) => status !== 200 && status !== 429),
        [],
      );
    });
  });

test('systemd understands every line of the service, and finds next to nothing that it is exposed to', () => {
  const folder = temporaryFolder();
  try {
    const copy = join(folder.path, 'bulwark-gateway.service');
    const places = substitute(service, [
      [/\/usr\/bin\/node\b/g, process.execPath],
      [/^WorkingDirectory=.*$/gm, `WorkingDirectory=${folder.path}`],
      [/^Documentation=.*\n/gm, ''],
    ]);
    writeFileSync(copy, places);
    const verified = spawnSync('systemd-analyze', ['verify', copy], { encoding: 'utf8' });
    assert.deepEqual([verified.status, verified.stdout + verified.stderr], [0, '']);
  } finally {
    folder.remove();
  }
  const args = ['security', '--offline=true', '--no-pager', '--threshold=10'];
  const judged = spawnSync('systemd-analyze', [...args, join(FOLDER, 'bulwark-gateway.service')], {
    encoding: 'utf8',
  });
  assert.equal(judged.status, 0, judged.stdout + judged.stderr);
});

test('the service reloads by SIGHUP, tells the one process that tells the others, and waits longer than it takes', () => {
  const valueIn = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, 'm').exec(service)?.[1];
  assert.equal(valueIn('ExecReload'), '/bin/kill -HUP $MAINPID');
  assert.equal(valueIn('KillMode'), 'mixed');
  const limit = Number(/limit: '(\d+)s'/.exec(read('bulwark.config.mjs'))?.[1]);
  assert.ok(Number(valueIn('TimeoutStopSec')) > limit);
  assert.ok(Number.parseInt(serviceOf(compose, 'gateway').stop_grace_period ?? '', 10) > limit);
  assert.equal(valueIn('ExecStart')?.split('/').at(-1), 'bulwark.config.mjs');
});

test('of the containers only Caddy can be reached from outside, and only the gateway reaches the application', () => {
  const services = Object.entries(compose.services);
  assert.deepEqual(
    services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name),
    ['caddy'],
  );
  const places = Object.fromEntries(services.map(([name, one]) => [name, networksOf(one).toSorted()]));
  assert.deepEqual(places, { caddy: ['front', 'outside'], gateway: ['back', 'front'], app: ['back'] });
  assert.equal(compose.networks['front']?.internal, true);
  assert.equal(compose.networks['back']?.internal, true);
  const { networks } = serviceOf(compose, 'caddy');
  const { front } = networks as Record<string, { ipv4_address?: string }>;
  assert.equal(serviceOf(compose, 'gateway').environment?.['PROXY'], front?.ipv4_address);
  for (const [name, one] of services) {
    assert.match(one.user ?? '', /^[1-9]\d*:[1-9]\d*$/, name);
    assert.equal(one.read_only, true, name);
    assert.deepEqual(one.cap_drop, ['ALL'], name);
    assert.deepEqual(one.security_opt, ['no-new-privileges:true'], name);
    assert.deepEqual(Object.keys(one.deploy?.resources?.limits ?? {}), ['cpus', 'memory', 'pids'], name);
    for (const volume of (one.volumes ?? []).filter((mount) => mount.startsWith('.'))) {
      assert.match(volume, /:ro$/);
      assert.ok(existsSync(join(FOLDER, volume.split(':')[0] ?? '')), volume);
    }
    if (one.build !== undefined)
      assert.ok(existsSync(join(FOLDER, one.build.context, one.build.dockerfile)), name);
  }
});

test('what the Containerfile puts together serves as its user, is healthy, reloads, and stops when it is told to', async () => {
  const place = temporaryFolder();
  try {
    const context = {
      directory: ROOT,
      files: readContext(ROOT, readFileSync(join(ROOT, '.dockerignore'), 'utf8')),
    };
    const root = assemble(stages, context, place.path, runCommand);
    const node = join(root, 'node');
    cpSync(process.execPath, node);
    chmodSync(place.path, 0o755);
    execFileSync('chmod', ['-R', 'a+rX,a-w', root]);
    const data = join(root, 'data');
    chmodSync(data, 0o700);
    const asUser = process.getuid?.() === 0 ? { uid: USER, gid: USER } : {};
    const secret = join(place.path, 'secret');
    writeFileSync(secret, TEST_SECRET, { mode: 0o400 });
    if (process.getuid?.() === 0) for (const path of [data, secret]) chownSync(path, USER, USER);
    const [port, managementPort] = [await freePort(), await freePort()];
    const env = {
      ...environmentOf(image),
      LISTEN: `127.0.0.1:${port}`,
      MANAGEMENT: `127.0.0.1:${managementPort}`,
      UPSTREAM: 'http://127.0.0.1:1',
      BULWARK_ORIGIN: `https://${HOST}`,
      BULWARK_SECRET_FILE: secret,
    };
    const here = (text: string): string =>
      text
        .replace('/app/', `${root}/app/`)
        .replace('/etc/', `${root}/etc/`)
        .replace('127.0.0.1:9090', `127.0.0.1:${managementPort}`);
    const [, ...command] = execForm(lastOf(image, 'CMD').rest).map(here);
    const [, ...health] = execForm(
      lastOf(image, 'HEALTHCHECK')
        .rest.replace(/^CMD /, '')
        .replace(/^.*? CMD /, ''),
    ).map(here);
    const isHealthy = (): number | null => spawnSync(node, health, { cwd: data, env, ...asUser }).status;
    const program = launch(node, command, { cwd: data, env, ...asUser });
    try {
      await listens(program, port);
      const answer = await ask(port, {
        headers: { host: HOST, 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' },
      });
      assert.equal(answer.status, 503);
      assert.match(answer.body, /cannot be reached/);
      assert.equal(isHealthy(), 0);
    } finally {
      assert.equal(await program.stop(), 0, program.said());
    }
    assert.equal(isHealthy(), 1);
    assert.ok(existsSync(join(data, 'data/bulwark.db')));
    assert.ok(!existsSync(join(root, 'app/node_modules/typescript')));
    // Nobody could install them there.
    for (const name of GATEWAY_PACKAGES) assert.ok(existsSync(join(root, 'app/node_modules', name)), name);
  } finally {
    execFileSync('chmod', ['-R', 'u+w', place.path]);
    place.remove();
  }
});

/** The commands of the Containerfile, as they are done here. One that is not known must not be run on this machine. */
function runCommand(command: string, cwd: string, root: string): void {
  if (command === 'npm ci --ignore-scripts')
    symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
  else if (command === 'mkdir /data') mkdirSync(join(root, 'data'));
  else if (!command.startsWith('rm -rf /usr/local/')) {
    assert.match(
      command,
      /^(npm ci --omit=dev --ignore-scripts --workspaces=false|node tools\/(build\.ts|gateway-packages\.ts packages))$/,
    );
    const npm = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };
    const [program = '', ...args] = command.split(' ');
    execFileSync(program, args, { cwd, stdio: 'pipe', env: { ...process.env, ...npm } });
  }
}
