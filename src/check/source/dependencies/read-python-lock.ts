/** Locks of Python, and lists of requirements. */
import { parse } from 'smol-toml';
import { entry, listOf, type Lock, objectOf, type PackageEntry, textOf } from './package-entry.ts';

const NO_ROOT: Lock['root'] = { name: undefined, version: undefined };

/** Reads poetry.lock and uv.lock, and pylock.toml (PEP 751). */
export function readTomlLock(text: string): Lock {
  const lock = objectOf(parse(text));
  // Up to poetry 1.4, hashes stand apart.
  const apart = objectOf(objectOf(lock['metadata'])['files']);
  const packages = listOf(lock['package'] ?? lock['packages']).flatMap((value) => {
    const one = objectOf(value);
    const name = textOf(one['name']);
    if (name === undefined) return [];
    const source = objectOf(one['source']);
    const files = [one['files'], one['wheels'], one['sdist'], apart[name]].flatMap((list) =>
      Array.isArray(list) ? list : [list],
    );
    const hashes = files.flatMap((file) => hashesOf(objectOf(file)));
    const from =
      textOf(source['git']) ??
      textOf(source['url']) ??
      (textOf(source['type']) === 'git' ? 'git' : undefined);
    return [
      entry({
        ecosystem: 'PyPI',
        name: normalName(name),
        version: textOf(one['version']) ?? '',
        hashes,
        from:
          textOf(source['git']) !== undefined || textOf(source['type']) === 'git'
            ? `git+${from ?? ''}`
            : from,
        local:
          ['virtual', 'editable', 'directory'].some((key) => source[key] !== undefined) ||
          textOf(source['type']) === 'directory',
        development: textOf(one['category']) === 'dev',
        path: name,
        mark: `"${name}"`,
      }),
    ];
  });
  return { packages, root: NO_ROOT };
}

function hashesOf(file: Readonly<Record<string, unknown>>): readonly string[] {
  const own = textOf(file['hash']);
  if (own !== undefined) return [own];
  return Object.entries(objectOf(file['hashes'])).flatMap(([name, value]) =>
    typeof value === 'string' ? [`${name}:${value}`] : [],
  );
}

/** Reads Pipfile.lock. */
export function readPipfileLock(text: string): Lock {
  const lock = objectOf(JSON.parse(text));
  const of = (section: string): readonly PackageEntry[] =>
    Object.entries(objectOf(lock[section])).map(([name, value]) => {
      const one = objectOf(value);
      const git = textOf(one['git']);
      return entry({
        ecosystem: 'PyPI',
        name: normalName(name),
        version: (textOf(one['version']) ?? '').replace(/^==/, ''),
        hashes: listOf(one['hashes']).flatMap((hash) => textOf(hash) ?? []),
        from: git === undefined ? textOf(one['file']) : `git+${git}`,
        development: section === 'develop',
        path: name,
        mark: `"${name}"`,
      });
    });
  return { packages: [...of('default'), ...of('develop')], root: NO_ROOT };
}

/** One line of requirements.txt, with those that it goes on in. */
export interface Requirement {
  readonly name: string | undefined;
  /** Behind `==`. */
  readonly version: string | undefined;
  readonly hashes: readonly string[];
  readonly from: string | undefined;
  /** `--extra-index-url https://...`. */
  readonly option: string | undefined;
  readonly at: number;
}

/** Reads requirements.txt, as pip does. Files that it names are read where they lie in the tree themselves. */
export function readRequirements(text: string): readonly Requirement[] {
  const found: Requirement[] = [];
  for (const { index, 0: line } of text.matchAll(/(?:[^\n\\]|\\[^\n]|\\\r?\n)+/g)) {
    const plain = line
      .replaceAll(/\\\r?\n/g, ' ')
      .replace(/(?:^|\s)#.*$/s, '')
      .trim();
    if (plain === '') continue;
    const at = index + line.search(/\S/);
    const hashes = [...plain.matchAll(/--hash[= ](?<hash>\w+:[0-9a-f]+)/g)].map(
      ({ groups }) => groups?.['hash'] ?? '',
    );
    const option = /^(?<option>--?[a-z][\s\S]*)$/.exec(plain)?.groups?.['option'];
    const editable = /^(?:-e|--editable)[ =]\s*(?<from>\S+)/.exec(plain)?.groups?.['from'];
    const direct =
      editable ??
      /^(?:(?<name>[\w.-]+)(?:\[[^\]]*\])?\s*@\s*)?(?<from>(?:git|hg|svn|bzr)\+\S+|https?:\/\/\S+)/.exec(
        plain,
      )?.groups?.['from'];
    const { name, version } =
      /^(?<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:===?\s*(?<version>[\w.!+*-]+))?/.exec(plain)
        ?.groups ?? {};
    if (option !== undefined && editable === undefined)
      found.push({ name: undefined, version: undefined, hashes, from: undefined, option, at });
    else
      found.push({
        name: direct === undefined ? name : undefined,
        version: version?.includes('*') === true ? undefined : version,
        hashes,
        from: direct,
        option: undefined,
        at,
      });
    if (found.length > 20_000) break;
  }
  return found;
}

/** One name of a package, however it is written (PEP 503). */
export function normalName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}
