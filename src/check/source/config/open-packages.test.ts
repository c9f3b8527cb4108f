import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPackages } from './open-packages.ts';

test('packages without a version, of any installer', () => {
  for (const [command, open] of [
    ['pip install flask gunicorn', ['flask', 'gunicorn']],
    ['apt-get update && python3 -m pip install --no-cache-dir "flask[async]>=3"', ['flask[async]>=3']],
    ['pip install --index-url https://packages.internal/simple prices', ['prices']],
    ['uv pip install --system uvicorn', ['uvicorn']],
    ['npm install -g pm2 && npm ci', ['pm2']],
    ['npm i --global @scope/tool serve@latest', ['@scope/tool', 'serve@latest']],
    ['yarn global add serve; pnpm add -g tsx@4.19.2', ['serve']],
  ] as const)
    assert.deepEqual(openPackages(command), open, command);
});

test('versions that are named, and what names them elsewhere', () => {
  for (const command of [
    'pip install flask==3.1.3 gunicorn===23.0.0',
    'pip install --upgrade pip setuptools wheel',
    'pip install --require-hashes -r requirements.txt',
    'pip install -c constraints.txt flask',
    'pip install . ./wheels/shop-1.0-py3-none-any.whl /opt/shop',
    'pip install "git+https://git.internal/shop@0123456789abcdef0123456789abcdef01234567"',
    'pip install $PACKAGES',
    'npm install -g npm@11.4.2 pm2@6.0.5',
    'npm install',
    'npm ci --omit=dev',
    'apt-get install -y pipx',
  ])
    assert.deepEqual(openPackages(command), [], command);
});
