/** Locks of npm, pnpm and yarn. */
import { parse } from 'yaml';
import { entry, type Lock, objectOf, type PackageEntry, textOf } from './package-entry.ts';

/** Reads package-lock.json and npm-shrinkwrap.json, of every version. */
export function readPackageLock(text: string): Lock {
  const lock = objectOf(JSON.parse(text));
  const packages = objectOf(lock['packages']);
  const root = objectOf(packages['']);
  const all: PackageEntry[] = [];
  for (const [path, value] of Object.entries(packages)) {
    const one = objectOf(value);
    // The root, folders of a workspace, and links to these.
    if (path === '' || one['link'] === true) continue;
    const at = path.lastIndexOf('node_modules/');
    const name = textOf(one['name']) ?? (at < 0 ? path : path.slice(at + 'node_modules/'.length));
    all.push(npmEntry(name, path, one, at < 0));
  }
  if (lock['packages'] === undefined) oldEntries(objectOf(lock['dependencies']), '', all, 0);
  return {
    packages: all,
    root: {
      name: textOf(root['name']) ?? textOf(lock['name']),
      version: textOf(root['version']) ?? textOf(lock['version']),
    },
  };
}

function oldEntries(
  dependencies: Readonly<Record<string, unknown>>,
  above: string,
  all: PackageEntry[],
  depth: number,
): void {
  if (depth > 50) return;
  for (const [name, value] of Object.entries(dependencies)) {
    const one = objectOf(value);
    const path = `${above}node_modules/${name}`;
    all.push(npmEntry(name, path, one, false));
    oldEntries(objectOf(one['dependencies']), `${path}/`, all, depth + 1);
  }
}

function npmEntry(
  name: string,
  path: string,
  one: Readonly<Record<string, unknown>>,
  local: boolean,
): PackageEntry {
  const version = textOf(one['version']) ?? '';
  // The old form says where it is from in the place of the version.
  const from =
    textOf(one['resolved']) ?? (/^(?:git|https?|file|github)[+:]/.test(version) ? version : undefined);
  const integrity = textOf(one['integrity']);
  return entry({
    ecosystem: 'npm',
    name,
    version,
    hashes: integrity === undefined ? [] : integrity.split(/\s+/),
    from,
    licence: textOf(one['license']),
    runsScripts: one['hasInstallScript'] === true,
    development: one['dev'] === true,
    local,
    path,
    mark: `"${path}"`,
  });
}

/** Reads pnpm-lock.yaml. */
export function readPnpmLock(text: string): Lock {
  const lock = objectOf(parse(text, { maxAliasCount: 100, logLevel: 'silent' }));
  const packages = Object.entries(objectOf(lock['packages'])).map(([key, value]) => {
    const one = objectOf(value);
    const resolution = objectOf(one['resolution']);
    const { name = key, version = '' } =
      /^\/?(?<name>(?:@[^/@]+\/)?[^@/]+)[@/](?<version>[^()\s]+)/.exec(key)?.groups ?? {};
    const integrity = textOf(resolution['integrity']);
    return entry({
      ecosystem: 'npm',
      name,
      version,
      hashes: integrity === undefined ? [] : [integrity],
      from:
        textOf(resolution['tarball']) ??
        textOf(resolution['repo']) ??
        (version.includes(':') ? version : undefined),
      runsScripts: one['requiresBuild'] === true,
      local: version.startsWith('file:') || version.startsWith('link:'),
      path: key,
      mark: key,
    });
  });
  return { packages, root: { name: undefined, version: undefined } };
}

/** Reads yarn.lock: of yarn 1, which has a form of its own, and of those after it. */
export function readYarnLock(text: string): Lock {
  if (text.includes('__metadata:')) return readBerry(text);
  const packages: PackageEntry[] = [];
  for (const block of text.split(/\n(?=[^\s#])/)) {
    const head = /^(?<specifiers>"?[^\s#][^\n]*):\n/.exec(block)?.groups?.['specifiers'];
    const version = /^ {2}version "?(?<version>[^"\n]+)"?$/m.exec(block)?.groups?.['version'];
    if (head === undefined || version === undefined) continue;
    const name = /^"?(?<name>(?:@[^/@"]+\/)?[^@"]+)@/.exec(head)?.groups?.['name'] ?? head;
    const from = /^ {2}resolved "?(?<from>[^"\n]+)"?$/m.exec(block)?.groups?.['from'];
    const integrity = /^ {2}integrity (?<hash>\S+)$/m.exec(block)?.groups?.['hash'];
    const old = /#(?<hash>[0-9a-f]{40})$/.exec(from ?? '')?.groups?.['hash'];
    const hashes = integrity !== undefined ? [integrity] : old !== undefined ? [`sha1:${old}`] : [];
    packages.push(
      entry({
        ecosystem: 'npm',
        name,
        version,
        hashes,
        from: from?.replace(/#[0-9a-f]{40}$/, ''),
        path: head,
        mark: head,
      }),
    );
  }
  return { packages, root: { name: undefined, version: undefined } };
}

function readBerry(text: string): Lock {
  const lock = objectOf(parse(text, { maxAliasCount: 100, logLevel: 'silent' }));
  const packages = Object.entries(lock).flatMap(([key, value]) => {
    const one = objectOf(value);
    const resolution = textOf(one['resolution']) ?? '';
    const { name, protocol } =
      /^(?<name>(?:@[^/@]+\/)?[^@]+)@(?<protocol>[a-z+]+:)?/.exec(resolution)?.groups ?? {};
    const version = textOf(one['version']);
    if (key === '__metadata' || name === undefined || version === undefined) return [];
    const checksum = textOf(one['checksum']);
    return [
      entry({
        ecosystem: 'npm',
        name,
        version,
        hashes: checksum === undefined ? [] : [checksum],
        from: protocol === 'npm:' || protocol === undefined ? undefined : resolution.slice(name.length + 1),
        local: protocol === 'workspace:' || protocol === 'link:' || protocol === 'portal:',
        path: key,
        mark: key,
      }),
    ];
  });
  return { packages, root: { name: undefined, version: undefined } };
}
