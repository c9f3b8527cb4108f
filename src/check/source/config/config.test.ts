import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, withTree } from '../../../../test/support/made-tree.ts';
import { checkSource } from '../check-source.ts';
import { configurationRules } from './config-rules.ts';

const options = { rules: configurationRules };
/** Each file alone: what is said of it, by rule and line. */
const said = (
  path: string,
  text: string,
  more: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> =>
  findingsIn({ [path]: text, ...more }, options).then((all) => all.map((one) => one.replace(`${path}:`, '')));

const DIGEST = `@sha256:${'0'.repeat(64)}`;

test('images: root, open versions, secrets, downloads, servers for development', async () => {
  const bad = [
    'FROM node:latest AS build',
    'ARG NPM_TOKEN',
    'RUN npm ci',
    'FROM python',
    'ENV SECRET_KEY="it-is-written-here" FLASK_DEBUG=1',
    'ADD http://example.com/tool.tar.gz /opt/',
    'RUN curl -fsSL https://example.com/install.sh \\',
    '  # as its manual says',
    '  | sh',
    'RUN pip install --trusted-host pypi.example.com app && chmod -R 777 /app',
    'COPY .env id_rsa /app/',
    'COPY . /app',
    'CMD ["flask", "run", "--host", "0.0.0.0"]',
  ].join('\n');
  assert.deepEqual(await said('Dockerfile', bad), [
    'config.image-context 12',
    'config.image-download 10',
    'config.image-download 10',
    'config.image-download 6',
    'config.image-download 7',
    'config.image-pin 1',
    'config.image-pin 10',
    'config.image-pin 4',
    'config.image-secret 11',
    'config.image-secret 2',
    'config.image-secret 5',
    'config.image-server 13',
    'config.image-server 5',
    'config.image-user 4',
  ]);
  const good = [
    `FROM node:24.21${DIGEST} AS base`,
    'ENV NODE_ENV=production SECRET_KEY_FILE=/run/secrets/key PORT=3000',
    'RUN --mount=type=secret,id=npm_token npm ci && chmod 755 /app',
    `ADD --checksum=sha256:${'0'.repeat(64)} https://example.com/tool.tar.gz /opt/`,
    'COPY . /app',
    'USER 10001:10001',
    'FROM base',
    'CMD ["node", "server.js"]',
  ].join('\n');
  assert.deepEqual(await said('Dockerfile', good, { '.dockerignore': '.git\n' }), []);
  assert.deepEqual(await said('Dockerfile', `FROM base${DIGEST}\nUSER app\nUSER root\n`), [
    'config.image-user 3',
  ]);
});

test('compose files: open databases, rights over the host, passwords', async () => {
  const bad = `
x-base: &base
  privileged: true
services:
  db:
    image: postgres
    ports: ["5432:5432"]
    environment:
      POSTGRES_PASSWORD: postgres
      POSTGRES_HOST_AUTH_METHOD: trust
  web:
    <<: *base
    build: .
    cap_add: [SYS_ADMIN]
    network_mode: host
    environment:
      - API_TOKEN=9fY2kqLm47
      - JWT_SECRET=\${JWT_SECRET:-changeme}
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock:ro
      - { type: bind, source: /etc, target: /host }
`;
  assert.deepEqual(await said('compose.yaml', bad), [
    'config.compose-image 6',
    'config.compose-port 7',
    'config.compose-privilege 14',
    'config.compose-privilege 15',
    'config.compose-privilege 20',
    'config.compose-privilege 21',
    'config.compose-privilege 3',
    'config.compose-secret 10',
    'config.compose-secret 17',
    'config.compose-secret 18',
    'config.compose-secret 9',
  ]);
  const good = `
services:
  db:
    image: postgres:17.2
    ports: ["127.0.0.1:5432:5432"]
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db
      POSTGRES_USER: notes
  web:
    build: .
    ports: ["443:8443"]
    cap_drop: [ALL]
    environment:
      - API_TOKEN=\${API_TOKEN:?set it}
    volumes: ["data:/data"]
`;
  assert.deepEqual(await said('docker-compose.prod.yml', good), []);
});

test('a compose file that is none is told of, and one that grows is not copied', async () => {
  await withTree({ 'compose.yaml': 'services: [\n  - {' }, async (root) => {
    assert.match((await checkSource(root, options)).notScanned[0]?.why ?? '', /no YAML/);
  });
  const lines = Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(10)}]`);
  const bomb = [
    'a0: &a0 [x]',
    ...lines,
    'services: { db: { image: "postgres:17", environment: *a30 } }',
  ].join('\n');
  assert.deepEqual(await said('compose.yaml', bomb), []);
});

test('gunicorn: workers that read from clients themselves are told of, and no others', async () => {
  for (const [text, found] of [
    ["bind = '0.0.0.0:8000'\nworkers = 4\n", ['config.slow-clients 1']],
    ["bind = '0.0.0.0:8000'\nworker_class = 'sync'\n", ['config.slow-clients 1']],
    ["bind = '0.0.0.0:8000'\nworker_class = 'gthread'\nthreads = 8\n", []],
    ["bind = '127.0.0.1:8000'\nworkers = 4\n", []],
    ["bind = 'unix:/run/app.sock'\n", []],
    ['workers = 4\n', []],
  ] as const)
    assert.deepEqual(await said('gunicorn.conf.py', text), found, text);
});

test('nginx: what is included is judged in its place, and in the file that it stands in', async () => {
  const files = {
    'deploy/nginx.conf':
      'http {\n  include snippets/headers.conf;\n  include /etc/nginx/sites-enabled/*;\n  server_tokens off;\n}\n',
    'deploy/snippets/headers.conf':
      'add_header Strict-Transport-Security "max-age=63072000" always;\nadd_header X-Frame-Options DENY always;\n',
    'deploy/sites-enabled/a':
      'server {\n  listen 443 ssl;\n  root /srv/a;\n  include snippets/tls.conf;\n}\n',
    'deploy/sites-enabled/b':
      'server {\n  listen 443 ssl;\n  root /srv/b;\n  add_header X-Robots-Tag none;\n}\n',
    'deploy/snippets/tls.conf': 'ssl_protocols TLSv1 TLSv1.2;\n',
  };
  const found = await findingsIn(files);
  assert.deepEqual(
    found.filter((one) => one.startsWith('config.nginx')),
    [
      // A header of its own drops those that were included around it.
      'config.nginx-headers deploy/sites-enabled/b:4',
      // A snippet alone would not even be taken for a file of nginx.
      'config.nginx-tls deploy/snippets/tls.conf:1',
    ],
  );
  // Alone, each of them lacks what stood around it.
  const alone = await findingsIn({
    'sites-enabled/a': files['deploy/sites-enabled/a'].replace(/ {2}include.*\n/, ''),
  });
  assert.ok(alone.some((one) => one.startsWith('config.nginx-hsts sites-enabled/a:1')));
});

test('nginx: includes in a ring, out of the tree or by a thousand end, and hide nothing', async () => {
  const bad = 'server {\n  autoindex on;\n}\n';
  const files = {
    'ring/nginx/a.conf': `include b.conf;\n${bad}`,
    'ring/nginx/b.conf': `include c.conf;\n${bad}`,
    'ring/nginx/c.conf': `include a.conf;\n${bad}`,
    'own/nginx/self.conf': `include *.conf;\n${bad}`,
    'out/nginx/d.conf': `include ../../ring/nginx/a.conf;\ninclude /etc/passwd;\ninclude $http_x;\n${bad}`,
    'many/nginx/e.conf': `${'include *a*a*a*.conf;\n'.repeat(2000)}${bad}`,
  };
  const found = (await findingsIn(files)).filter((one) => one.startsWith('config.nginx-shown'));
  for (const path of Object.keys(files))
    assert.ok(
      found.some((one) => one.includes(` ${path}:`)),
      path,
    );
});

test('nginx: aliases, TLS, headers that are dropped, addresses that clients choose', async () => {
  const bad = `http {
  add_header X-Content-Type-Options nosniff always;
  server {
    listen 80 default_server;
    return 301 https://$host$request_uri;
  }
  server {
    listen 443 ssl;
    ssl_protocols TLSv1 TLSv1.2;
    ssl_ciphers HIGH:RC4:!aNULL;
    client_max_body_size 0;
    set_real_ip_from 0.0.0.0/0;
    location /files { alias /srv/files/; autoindex on; }
    location / {
      add_header Cache-Control "no-store";
      proxy_set_header X-Forwarded-For $http_x_forwarded_for;
      proxy_pass http://$arg_host;
    }
    location /old { return 302 https://www.example.com$uri; }
  }
  server { listen 443 ssl; root /srv/www; }
}`;
  assert.deepEqual(await said('nginx.conf', bad), [
    'config.nginx-address 17',
    'config.nginx-address 19',
    'config.nginx-address 5',
    'config.nginx-alias 13',
    'config.nginx-headers 15',
    'config.nginx-hsts 21',
    'config.nginx-limit 11',
    'config.nginx-proxy 12',
    'config.nginx-proxy 16',
    'config.nginx-shown 13',
    'config.nginx-shown 21',
    'config.nginx-shown 3',
    'config.nginx-shown 7',
    'config.nginx-tls 10',
    'config.nginx-tls 9',
  ]);
  const good = `http {
  server_tokens off;
  ssl_protocols TLSv1.2 TLSv1.3;
  server { listen 80; server_name www.example.com; return 301 https://www.example.com$request_uri; }
  server {
    listen 443 ssl;
    server_name "www.example.com"; # one; of { them
    add_header Strict-Transport-Security "max-age=63072000" always;
    location /files/ { alias /srv/files/; }
    location ~ ^/(?<id>\\d{1,3})$ { return 404; }
    location / { proxy_set_header X-Forwarded-For $remote_addr; proxy_pass http://127.0.0.1:8000; }
  }
}`;
  assert.deepEqual(await said('nginx.conf', good), []);
  assert.deepEqual(await said('other.conf', 'key = value\n'), []);
});

test('units, servers of Python, and Caddy', async () => {
  const unit =
    '[Unit]\nDescription=notes\n[Service]\nExecStart=/usr/bin/notes\nEnvironment=API_TOKEN=it-is-here PORT=3\n';
  assert.deepEqual(await said('notes.service', unit), [
    'config.unit-hardening 4',
    'config.unit-secret 5',
    'config.unit-user 4',
  ]);
  const good =
    '[Service]\nExecStart=/usr/bin/notes\nDynamicUser=yes\nProtectHome=yes\nLoadCredential=token:/etc/notes/token\n';
  assert.deepEqual(await said('notes.service', good), []);
  assert.deepEqual(
    await said('gunicorn.conf.py', "bind = '0.0.0.0:8000'\nforwarded_allow_ips = '*'\nreload = True\n"),
    ['config.slow-clients 1', 'config.wsgi 2', 'config.wsgi 3'],
  );
  assert.deepEqual(await said('gunicorn.conf.py', "forwarded_allow_ips = '10.0.0.5'\nreload = False\n"), []);
  assert.deepEqual(await said('uwsgi.ini', '[uwsgi]\ncatch-exceptions = true\n'), ['config.wsgi 2']);
  assert.deepEqual(
    await said(
      'Caddyfile',
      'example.com {\n\tfile_server browse\n\ttransport http {\n\t\ttls_insecure_skip_verify\n\t}\n}\n',
    ),
    ['config.caddy 2', 'config.caddy 4'],
  );
  assert.deepEqual(
    await said('Caddyfile', 'example.com {\n\treverse_proxy 127.0.0.1:8000\n\tfile_server\n}\n'),
    [],
  );
});
