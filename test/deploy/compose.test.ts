/** deploy/compose.yaml keeps what it promises, as far as can be read; what can be run is in stores.test.ts. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEPLOY, networksOf, readCompose, serviceOf } from './compose.ts';

const compose = readCompose();
const services = Object.entries(compose.services);
const SERVICES = ['caddy', 'postgres', 'redis', 'strongroom'];

test('v5.0.0-13.2.2 no service is root, keeps a capability it does without, or can write to what it is made of', () => {
  assert.deepEqual(services.map(([name]) => name).toSorted(), SERVICES);
  for (const [name, service] of services) {
    assert.match(service.user ?? '', /^[1-9]\d*:[1-9]\d*$/, name);
    assert.equal(service.read_only, true, name);
    assert.deepEqual(service.cap_drop, ['ALL'], name);
    assert.deepEqual(service.cap_add ?? [], name === 'caddy' ? ['NET_BIND_SERVICE'] : [], name);
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
    assert.equal(service.init, true, name);
    assert.equal(service.privileged, undefined, name);
    for (const mount of service.tmpfs ?? []) assert.match(mount, /:noexec,nosuid,size=\d+m$/, name);
  }
});

test('v5.0.0-13.2.4 (in part) v5.0.0-13.2.5 (in part) only Caddy can be reached from outside, and of what is behind it only mail gets out', () => {
  const published = services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name);
  assert.deepEqual(published, ['caddy']);
  assert.deepEqual(serviceOf(compose, 'caddy').ports, ['80:80', '443:443']);
  const internal = Object.entries(compose.networks).filter(([, network]) => network.internal === true);
  assert.deepEqual(internal.map(([name]) => name).toSorted(), ['front', 'stores']);
  const places = Object.fromEntries(
    services.map(([name, service]) => [name, networksOf(service).toSorted()]),
  );
  assert.deepEqual(places, {
    caddy: ['front', 'outside'],
    strongroom: ['front', 'mail', 'stores'],
    postgres: ['stores'],
    redis: ['stores'],
  });
  // The socket of the engine is root on the host.
  for (const [name, { volumes = [] }] of services) {
    assert.ok(
      volumes.every((volume) => !volume.includes('docker.sock')),
      name,
    );
    assert.ok(
      volumes.every((volume) => !volume.startsWith('.') || volume.endsWith(':ro')),
      name,
    );
  }
});

test('the proxy that Strongroom believes is Caddy, by its one address', () => {
  const { networks } = serviceOf(compose, 'caddy');
  const { front } = networks as Record<string, { ipv4_address?: string }>;
  assert.match(front?.ipv4_address ?? '', /^\d+\.\d+\.\d+\.\d+$/);
  assert.equal(
    serviceOf(compose, 'strongroom').environment?.['STRONGROOM_TRUSTED_PROXIES'],
    front?.ipv4_address,
  );
});

test('v5.0.0-13.3.2 secrets are files, each for the service that needs it, and none stands here', () => {
  const given = Object.fromEntries(services.map(([name, { secrets = [] }]) => [name, secrets.toSorted()]));
  assert.deepEqual(given, {
    caddy: [],
    strongroom: ['bulwark_secret', 'database_url', 'redis_url', 'smtp_url'],
    postgres: ['database_password', 'postgres_password'],
    redis: ['redis_acl'],
  });
  for (const [name, { file }] of Object.entries(compose.secrets)) assert.equal(file, `./secrets/${name}`);
  for (const [name, { environment = {}, command = [] }] of services) {
    for (const [variable, value] of Object.entries(environment)) {
      if (/SECRET|PASSWORD|_URL/.test(variable))
        assert.match(value, /^\/run\/secrets\/\w+$/, `${name} ${variable}`);
    }
    assert.ok(
      command.every((word) => !/pass|@/.test(word)),
      name,
    );
  }
  assert.match(readFileSync(join(DEPLOY, '../.gitignore'), 'utf8'), /^deploy\/secrets\/$/m);
});

test('images are pinned to a version, and the files that it names are there', () => {
  for (const [name, { image = '' }] of services) {
    assert.match(image, /^[a-z]+:\d+\.\d+(\.\d+)?(-[a-z]+)?(@sha256:[0-9a-f]{64})?$/, name);
  }
  const { version } = JSON.parse(readFileSync(join(DEPLOY, '../package.json'), 'utf8')) as {
    version: string;
  };
  const { image, build } = serviceOf(compose, 'strongroom');
  assert.equal(image, `strongroom:${version}`);
  assert.ok(existsSync(join(DEPLOY, build?.context ?? '', build?.dockerfile ?? '')));
  const mounted = services.flatMap(([, { volumes = [] }]) =>
    volumes.filter((volume) => volume.startsWith('.')),
  );
  assert.equal(mounted.length, 2);
  for (const volume of mounted) assert.ok(existsSync(join(DEPLOY, volume.split(':')[0] ?? '')), volume);
  const named = services.flatMap(([, { volumes = [] }]) =>
    volumes.filter((volume) => !volume.startsWith('.')),
  );
  assert.deepEqual(
    named.map((volume) => volume.split(':')[0]).toSorted(),
    Object.keys(compose.volumes).toSorted(),
  );
});

test('v5.0.0-15.2.2 every service has an end to what it may use, and is watched', () => {
  for (const [name, service] of services) {
    assert.deepEqual(Object.keys(service.deploy?.resources?.limits ?? {}), ['cpus', 'memory', 'pids'], name);
    assert.deepEqual(Object.keys(service.logging?.options ?? {}), ['max-size', 'max-file'], name);
    // That of Strongroom is in its image.
    if (name !== 'strongroom') assert.equal(service.healthcheck?.test[0], 'CMD', name);
  }
});

test('Strongroom gets more time to stop than it takes', () => {
  const grace = Number.parseInt(serviceOf(compose, 'strongroom').stop_grace_period ?? '', 10);
  const main = readFileSync(join(DEPLOY, '../examples/strongroom/main.ts'), 'utf8');
  const longest = Number(/CLOSE_MS = (\d+)_000/.exec(main)?.[1]);
  assert.ok(longest > 0 && grace > longest, `${grace} ${longest}`);
});
