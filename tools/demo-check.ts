/**
 * `npm run demo:check`: the check over a careless Flask application and over Strongroom, from outside and inside. Writes both
 * reports to data/check/, and says where.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pythonEnvironment } from './python-environment.ts';

const ROOT = join(import.meta.dirname, '..');
const REPORTS = join(ROOT, 'data/check');
const CARELESS = join(ROOT, 'examples/flask/careless');
const PORT = '5077';

mkdirSync(REPORTS, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'bulwark-demo-'));
const started: ChildProcess[] = [];
try {
  const careless = await startCareless();
  report('careless', careless, ['--source', CARELESS, '--login', join(CARELESS, 'check-profile.json')]);
  report('strongroom', await startStrongroom(), ['--source', join(ROOT, 'examples/strongroom')]);
} finally {
  await Promise.all(started.map(stop));
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\nThe reports: ${join(REPORTS, 'careless.html')} and ${join(REPORTS, 'strongroom.html')}`);

/** As its author runs it: its own server, with its debugger. */
async function startCareless(): Promise<string> {
  started.push(
    spawn(
      join(pythonEnvironment(), 'flask'),
      ['--app', 'app', 'run', '--port', PORT, '--debug', '--no-reload'],
      {
        cwd: CARELESS,
        env: { ...process.env, CARELESS_DATA: join(folder, 'careless.sqlite'), PYTHONDONTWRITEBYTECODE: '1' },
        stdio: 'ignore',
      },
    ),
  );
  const url = `http://localhost:${PORT}/`;
  for (let tries = 0; tries < 100; tries += 1) {
    const there = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (there) return url;
    await sleep(100);
  }
  throw new Error('the careless application did not start');
}

async function startStrongroom(): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--conditions=bulwark-source', join(ROOT, 'examples/strongroom/main.ts')],
    {
      env: { ...process.env, PORT: '0', STRONGROOM_DATA: join(folder, 'strongroom') },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  started.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /ready at (\S+)/.exec(line)?.[1];
    if (url !== undefined) return `${url.replace(/\/$/, '')}/`;
  }
  throw new Error('Strongroom did not start');
}

function report(name: string, url: string, more: readonly string[]): void {
  const outputs = ['html', 'json', 'sarif', 'xml'].flatMap((ending) => [
    '--output',
    join(REPORTS, `${name}.${ending}`),
  ]);
  console.log(`\n${name}: bulwark check ${url} --active ${more.join(' ')}\n`);
  const { status } = spawnSync(
    process.execPath,
    [
      '--conditions=bulwark-source',
      join(ROOT, 'src/cli/bulwark.ts'),
      'check',
      url,
      '--active',
      ...more,
      ...outputs,
    ],
    {
      cwd: folder,
      env: { ...process.env, CARELESS_ANN: 'ann-password', CARELESS_BOB: 'bob-password' },
      stdio: 'inherit',
    },
  );
  console.log(`\nexit code ${status}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
