/** What an application is built of: whether it is the same tomorrow, where it comes from, and what is known of it. */
import type { SourceFile } from '../source-file.ts';
import type { Say, SourceRule } from '../source-rule.ts';
import { isSample } from '../secrets/file-kinds.ts';
import { advisoryRule } from './advisory-rule.ts';
import { isLockFile, type LockFile, lockOf } from './locks.ts';
import { objectOf, type PackageEntry, textOf } from './package-entry.ts';
import { readRequirements } from './read-python-lock.ts';
import { runtimeRule } from './runtime-rule.ts';

const REQUIREMENTS = /(?:^|\/)requirements[\w.-]*\.txt$|(?:^|\/)requirements\/[\w.-]+\.txt$/;
const NPM_LOCKS = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
];
const PYTHON_LOCKS = ['poetry.lock', 'uv.lock', 'pdm.lock', 'Pipfile.lock', 'pylock.toml'];
const REGISTRIES =
  /^https:\/\/(?:registry\.npmjs\.org|registry\.yarnpkg\.com|npm\.pkg\.github\.com|files\.pythonhosted\.org|pypi\.org)\//;

const locked = (path: string): boolean => isLockFile(path) && !REQUIREMENTS.test(path) && !isSample(path);

/** Rules about dependencies. */
export const dependencyRules: readonly SourceRule[] = [
  {
    id: 'deps.lock',
    title: 'A lock says which versions are installed',
    level: 'warning',
    guide: 14,
    asvs: ['v5.0.0-15.2.4 (in part)'],
    cwe: ['CWE-1104', 'CWE-494'],
    needs: 'source',
    start: (tree) => ({
      reads: (path) => /(?:^|\/)(?:package\.json|Pipfile|pyproject\.toml)$/.test(path) && !isSample(path),
      look(file, say) {
        const npm = file.path.endsWith('package.json');
        if (
          npm
            ? !isApplication(file)
            : !/^\s*(?:dependencies\s*=\s*\[\s*["']|\[tool\.poetry\.dependencies\]|\[packages\])/m.test(
                file.text,
              )
        )
          return;
        // A library is built against what its user has.
        if (
          !npm &&
          file.path.endsWith('pyproject.toml') &&
          !/tool\.poetry|tool\.uv|package-mode/.test(file.text)
        )
          return;
        if (
          above(file.path).some((folder) =>
            (npm ? NPM_LOCKS : [...PYTHON_LOCKS, 'requirements.txt']).some((name) =>
              tree.paths.has(folder + name),
            ),
          )
        )
          return;
        say({
          at: { file, at: Math.max(0, file.text.search(/"dependencies"|^\[|dependencies\s*=/m)) },
          message: 'nothing says which versions are installed: tomorrow they are others',
          evidence: 'no lock beside it or above it',
          fix: npm
            ? 'npm install --package-lock-only && git add package-lock.json  # and npm ci wherever it is installed'
            : 'uv lock && git add uv.lock  # and uv sync --locked wherever it is installed',
          confidence: 'high',
        });
      },
    }),
  },
  {
    id: 'deps.pinned',
    title: 'Requirements name one version each, with its hash',
    level: 'warning',
    guide: 14,
    asvs: ['v5.0.0-15.2.4 (in part)'],
    cwe: ['CWE-1104', 'CWE-494'],
    needs: 'source',
    start: (tree) => ({
      reads: (path) => REQUIREMENTS.test(path) && !isSample(path.replace(/\.txt$/, '')),
      look(file, say) {
        const all = readRequirements(file.text).filter(({ name }) => name !== undefined);
        const open = all.filter(({ version }) => version === undefined);
        const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1);
        // What people write, beside what a program made of it.
        const compiled = [
          ...PYTHON_LOCKS.map((name) => folder + name),
          file.path.replace(/\.txt$/, '.lock'),
        ].some((path) => tree.paths.has(path));
        const development = /dev|test|doc|lint|type|ci/i.test(file.path.slice(folder.length));
        if (open.length > 0 && !compiled)
          say({
            at: { file, at: open[0]?.at ?? 0 },
            level: development ? 'note' : 'warning',
            message: `${open.length} of ${all.length} requirements are another version tomorrow`,
            evidence: open
              .slice(0, 6)
              .map(({ name }) => name)
              .join(', '),
            fix: 'uv pip compile --generate-hashes requirements.in -o requirements.txt',
            confidence: 'high',
          });
        const bare = all.filter(({ version, hashes }) => version !== undefined && hashes.length === 0);
        if (open.length === 0 && bare.length > 0)
          say({
            at: { file, at: bare[0]?.at ?? 0 },
            level: 'note',
            message: `${bare.length} of ${all.length} requirements have no hash: an index, or whoever stands before it, hands out what it likes`,
            evidence: bare
              .slice(0, 6)
              .map(({ name }) => name)
              .join(', '),
            fix: 'uv pip compile --generate-hashes requirements.in -o requirements.txt  # pip install --require-hashes -r requirements.txt',
            confidence: 'high',
          });
      },
    }),
  },
  lockRule({
    id: 'deps.integrity',
    title: 'Every package of a lock has a digest',
    level: 'warning',
    cwe: ['CWE-494'],
    look({ file, lock }, say) {
      const bare = lock.packages.filter(
        ({ hashes, local, from }) =>
          hashes.length === 0 && !local && from?.startsWith('file:') !== true && !isGit(from),
      );
      // Some mirrors take the digests of all away: that is one thing to say.
      for (const one of bare.length > 20 ? bare.slice(0, 1) : bare)
        sayAt(
          file,
          one,
          say,
          bare.length > 20
            ? `${bare.length} packages have no digest`
            : `${one.name} ${one.version} has no digest: whoever stands before the registry hands out what they like`,
          'rm -r node_modules package-lock.json && npm install  # against the registry itself',
        );
    },
  }),
  lockRule({
    id: 'deps.source',
    title: 'Packages come from the registry, over TLS',
    level: 'error',
    cwe: ['CWE-829', 'CWE-494'],
    look({ file, lock }, say) {
      for (const one of lock.packages) {
        const { from, name, local } = one;
        if (from === undefined || local || REGISTRIES.test(from)) continue;
        if (/^(?:git\+)?http:/.test(from) || from.startsWith('git://'))
          sayAt(
            file,
            one,
            say,
            `${name} comes over the network in clear`,
            `npm install ${name}@<version>`,
            'error',
          );
        else if (isGit(from) && !/[#@?=][0-9a-f]{40}\b/.test(from) && one.ecosystem === 'npm')
          sayAt(
            file,
            one,
            say,
            `${name} is whatever a branch holds`,
            `"${name}": "github:owner/name#<commit>"`,
            'warning',
          );
      }
    },
  }),
  {
    id: 'deps.index',
    title: 'pip asks one index, over TLS, and takes nothing by a branch',
    level: 'error',
    guide: 14,
    asvs: ['v5.0.0-15.2.4 (in part)'],
    cwe: ['CWE-829', 'CWE-494'],
    needs: 'source',
    why: 'Of two indexes, pip takes the higher version, whoever has put it there: a name that is free on the public one is enough.',
    start: () => ({
      reads: (path) => REQUIREMENTS.test(path) || /(?:^|\/)(?:pip\.conf|\.npmrc)$/.test(path),
      look(file, say) {
        const fault = (at: number, level: 'error' | 'warning', message: string, fix: string): void =>
          say({ at: { file, at }, level, message, evidence: 'an option of the installer', fix });
        for (const { index, 0: line } of file.text.matchAll(
          /^[^#\n]*(?:index-url|extra-index-url|trusted-host|find-links|strict-ssl|registry)[^\n]*/gm,
        )) {
          if (/extra-index-url/.test(line))
            fault(
              index,
              'warning',
              'pip takes the higher version of two indexes: whoever has the name on the public one decides',
              '--index-url https://packages.example.com/simple/  # one that has both',
            );
          if (/(?:index-url|registry|find-links)\s*[= ]\s*http:/.test(line))
            fault(
              index,
              'error',
              'packages come over the network in clear',
              '--index-url https://packages.example.com/simple/',
            );
          if (/trusted-host|strict-ssl\s*=\s*false/.test(line))
            fault(
              index,
              'error',
              'packages come from whoever passes for the index',
              'PIP_CERT=/etc/ssl/certs/our-ca.pem',
            );
        }
        if (!REQUIREMENTS.test(file.path)) return;
        for (const { from, at } of readRequirements(file.text)) {
          if (from === undefined) continue;
          if (/^(?:git\+)?http:|^git:/.test(from))
            fault(
              at,
              'error',
              'a package comes over the network in clear',
              'git+https://github.com/owner/name@<commit>',
            );
          else if (isGit(from) && !/@[0-9a-f]{40}\b/.test(from))
            fault(
              at,
              'warning',
              'a package is whatever a branch or tag holds',
              'git+https://github.com/owner/name@<commit>',
            );
        }
      },
    }),
  },
  lockRule({
    id: 'deps.scripts',
    title: 'No package runs a program while it is installed, unless somebody said so',
    level: 'note',
    cwe: ['CWE-829'],
    look({ file, lock }, say, has) {
      const scripts = lock.packages.filter(
        ({ runsScripts, name }) => runsScripts && !/^(?:fsevents)$/.test(name),
      );
      const [first] = scripts;
      if (
        first === undefined ||
        has('.npmrc', /^\s*ignore-scripts\s*=\s*true/m) ||
        has('package.json', /"(?:allowScripts|onlyBuiltDependencies|trustedDependencies)"/)
      )
        return;
      sayAt(
        file,
        first,
        say,
        `${scripts.length} packages run a program of theirs while they are installed: ${scripts
          .slice(0, 5)
          .map(({ name }) => name)
          .join(', ')}`,
        "echo 'ignore-scripts=true' >> .npmrc  # and npm rebuild <package> for those that need it",
      );
    },
  }),
  advisoryRule,
  runtimeRule,
];

type Has = (name: string, what: RegExp) => boolean;

function lockRule(
  facts: Pick<SourceRule, 'id' | 'title' | 'level' | 'cwe'> & {
    readonly look: (lock: LockFile, say: Say, has: Has) => void;
  },
): SourceRule {
  const { look, ...rest } = facts;
  return {
    ...rest,
    guide: 14,
    asvs: ['v5.0.0-15.2.4 (in part)'],
    needs: 'source',
    start(tree) {
      return {
        // Read in `end`, with a bound of its own: the tree's is that of what people write.
        binaryToo: true,
        reads: (path) => path.endsWith('package.json') || /(?:^|\/)(?:Pipfile|pyproject\.toml)$/.test(path),
        look: () => undefined,
        end(say) {
          for (const path of tree.paths) {
            if (!locked(path)) continue;
            const lock = lockOf(path, tree);
            const folder = path.slice(0, path.lastIndexOf('/') + 1);
            const has: Has = (name, what) => what.test(tree.file(folder + name)?.text ?? '');
            if (lock !== undefined) look(lock, say, has);
          }
        },
      };
    },
  };
}

function sayAt(
  file: SourceFile,
  { mark, name, version }: PackageEntry,
  say: Say,
  message: string,
  fix: string,
  level?: 'error' | 'warning',
): void {
  say({
    at: { file, at: Math.max(0, file.text.indexOf(mark)) },
    message,
    evidence: `${name} ${version}`,
    fix,
    confidence: 'high',
    ...(level !== undefined && { level }),
  });
}

function isGit(from: string | undefined): boolean {
  return (
    from !== undefined &&
    /^(?:git[+:@]|github:|gitlab:|bitbucket:|ssh:)|\.git(?:[#@?]|$)|codeload\.github\.com/.test(from)
  );
}

/** Something that is started: it is private, or says how. */
function isApplication(file: SourceFile): boolean {
  try {
    const manifest = objectOf(JSON.parse(file.text));
    // What a registry hands out is built against what its user has.
    const isPublished = ['files', 'main', 'exports', 'bin', 'module'].some(
      (key) => manifest[key] !== undefined,
    );
    const specifiers = Object.values(objectOf(manifest['dependencies']));
    // Part of something larger, whose lock lies above the tree.
    if (specifiers.some((one) => /^(?:workspace:|(?:file|link|portal):\.\.)/.test(textOf(one) ?? '')))
      return false;
    return (
      specifiers.length > 0 &&
      (manifest['private'] === true ||
        (textOf(objectOf(manifest['scripts'])['start']) !== undefined && !isPublished))
    );
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** The folder of a file and those around it, each with its `/`. */
function above(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return Array.from({ length: parts.length + 1 }, (_, depth) =>
    parts
      .slice(0, depth)
      .map((part) => `${part}/`)
      .join(''),
  );
}
