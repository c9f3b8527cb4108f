#!/usr/bin/env node
/** `npm create bulwark`: a new application, or `bulwark init` where there is one. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FRAMEWORKS, newApplication } from './new-application.js';

const HELP = `Usage: npm create bulwark [folder] -- [options]

In an empty folder, or one that is not there yet: a new application under the layer.
  --for <framework>   ${Object.keys(FRAMEWORKS).join(', ')} (default: express)

In a folder with an application: bulwark init, which shows what it would write. Its options, such as --yes and --from,
are taken here.

Examples:
  npm create bulwark my-app
  npm create bulwark my-app -- --for fastify
  npm create bulwark . -- --from helmet,express-session --yes
`;

/** What a folder may hold before anything is written there. */
const BEFORE = /^(?:\.git(?:hub|ignore|attributes)?|\.DS_Store|\.idea|\.vscode|licen[cs]e.*|readme.*)$/i;
/** What an application is known by, whatever it is written in. */
const APPLICATION = /^(?:package\.json|requirements\.txt|pyproject\.toml|Procfile|.+\.(?:[cm]?[jt]s|py))$/;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
process.exitCode =
  major < 24 || (major === 24 && minor < 7)
    ? refuse(`Bulwark needs Node.js 24.7 or later, and this is ${process.versions.node}: https://nodejs.org`)
    : main(process.argv.slice(2));

/** @param {readonly string[]} args */
function main(args) {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const named = args[0] !== undefined && !args[0].startsWith('-') ? args[0] : undefined;
  const folder = named ?? '.';
  const rest = named === undefined ? args : args.slice(1);
  try {
    return begin(folder, rest);
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error && 'code' in error)) throw error;
    return refuse(
      `${quoted(folder)} cannot be read or written (${String(error.code)}). Name a folder that is yours.`,
    );
  }
}

/** @param {string} folder @param {readonly string[]} args */
function begin(folder, args) {
  if (existsSync(folder) && !statSync(folder).isDirectory()) return refuse(`${shown(folder)} is no folder.`);
  const there = existsSync(folder) ? readdirSync(folder) : [];
  if (there.some((name) => APPLICATION.test(name))) return init(folder, args);
  if (there.some((name) => !BEFORE.test(name)))
    return refuse(
      `${shown(folder)} holds other things, and no application that is known. Name an empty folder.`,
    );
  return create(folder, there, args);
}

/** @param {string} folder @param {readonly string[]} there @param {readonly string[]} args */
function create(folder, there, args) {
  const [flag, framework = flag === undefined ? 'express' : ''] = args;
  if (args.length > 2 || (flag !== undefined && flag !== '--for') || !Object.hasOwn(FRAMEWORKS, framework))
    return refuse(`a new application takes --for ${Object.keys(FRAMEWORKS).join(', ')}, and nothing else.`);
  mkdirSync(folder, { recursive: true });
  const files = newApplication(framework, nameOf(folder));
  for (const [file, text] of Object.entries(files)) {
    // Those that were there before are the reader's own.
    if (there.includes(file)) continue;
    writeFileSync(join(folder, file), text, { flag: 'wx' });
    process.stdout.write(`wrote ${shown(join(folder, file))}\n`);
  }
  const go = resolve(folder) === process.cwd() ? [] : [`cd ${quoted(folder)}`];
  const next = [...go, 'npm install', 'npm run dev     # http://localhost:3000'];
  process.stdout.write(`\nThen:\n${next.map((line) => `    ${line}\n`).join('')}`);
  return 0;
}

/** @param {string} folder @param {readonly string[]} args */
function init(folder, args) {
  const home = dirname(fileURLToPath(import.meta.resolve('bulwark/package.json')));
  const command = [join(home, 'dist/cli/bulwark.js'), 'init', folder, ...args];
  return spawnSync(process.execPath, command, { stdio: 'inherit' }).status ?? 1;
}

/** A name that npm takes. @param {string} folder */
function nameOf(folder) {
  const plain = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return plain === '' ? 'application' : plain.slice(0, 100);
}

/** A name that a terminal obeys is shown, and not obeyed. @param {string} text */
function shown(text) {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) =>
    [...Buffer.from(sign)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** For a shell, which does what it finds in double quotes. @param {string} text */
function quoted(text) {
  if (/^[\w./][\w./-]*$/.test(text)) return text;
  // No shell of Windows takes an end of a quotation into its middle, and no name there has one.
  if (process.platform === 'win32') return `"${shown(text)}"`;
  if (shown(text) !== text) return `$'${shown(text.replaceAll(/[\\']/g, '\\$&'))}'`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** @param {string} why */
function refuse(why) {
  process.stderr.write(`${why}\n`);
  return 2;
}
