/**
 * `node tools/build-wheel.ts FOLDER`: a Python wheel of the command, for machines without Node.js. It holds the published files
 * and the packages that the gateway needs; Node.js comes as its dependency.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { copyPackages, GATEWAY_PACKAGES } from './gateway-packages.ts';

const ROOT = join(import.meta.dirname, '..');
const VERSION_LINE = 'version = "0.0.0"';

/** Builds the wheel into a folder, and says what it is called. */
export function buildWheel(into: string): string {
  const stage = mkdtempSync(join(tmpdir(), 'bulwark-wheel-'));
  try {
    cpSync(join(ROOT, 'python'), stage, { recursive: true });
    const builder = join(stage, 'builder');
    execFileSync('python3', ['-m', 'venv', builder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes'];
    const lock = join(ROOT, 'python/build-requirements.txt');
    execFileSync(join(builder, 'bin/python'), [...pip, '--requirement', lock], { stdio: 'inherit' });
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const project = readFileSync(join(stage, 'pyproject.toml'), 'utf8');
    if (!project.includes(VERSION_LINE)) throw new Error('python/pyproject.toml has no line for the version');
    writeFileSync(join(stage, 'pyproject.toml'), project.replace(VERSION_LINE, `version = "${version}"`));
    layOut(join(stage, 'bulwark/package'));
    const wheel = ['-m', 'pip', 'wheel', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-index'];
    // By the builder that is locked, and none that pip would fetch for itself.
    const how = ['--no-build-isolation', '--wheel-dir', resolve(into), stage];
    execFileSync(join(builder, 'bin/python'), [...wheel, ...how], { stdio: 'inherit' });
    return `bulwark-${version}-py3-none-any.whl`;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** What npm would install, without declarations and maps. */
function layOut(folder: string): void {
  execFileSync(process.execPath, ['tools/build.ts', join(folder, 'dist')], { cwd: ROOT, stdio: 'inherit' });
  for (const file of ['package.json', 'LICENSE']) cpSync(join(ROOT, file), join(folder, file));
  copyPackages(['commander', ...GATEWAY_PACKAGES], join(folder, 'node_modules'));
  for (const pattern of ['**/*.d.ts', '**/*.map'])
    for (const file of globSync(pattern, { cwd: folder })) rmSync(join(folder, file));
}

if (import.meta.main) {
  const [into] = process.argv.slice(2);
  if (into === undefined) throw new Error('Name the folder that the wheel goes to.');
  console.log(join(into, buildWheel(into)));
}
