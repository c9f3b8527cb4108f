/** Versions of Node.js and Python that nobody mends any more. */
import type { SourceFile } from '../source-file.ts';
import type { SourceRule } from '../source-rule.ts';
import { isSample } from '../secrets/file-kinds.ts';
import { lastDayOf } from './runtime-lives.ts';

interface Named {
  readonly runtime: 'node' | 'python';
  readonly version: string;
  readonly at: number;
}

/** Where a version is named, and how. */
const PLACES: readonly (readonly [path: RegExp, runtime: 'node' | 'python', pattern: RegExp])[] = [
  [/(?:^|\/)(?:\.nvmrc|\.node-version)$/, 'node', /^v?(?<version>\d+)/g],
  [/(?:^|\/)\.python-version$/, 'python', /^(?<version>\d+\.\d+)/g],
  [/(?:^|\/)runtime\.txt$/, 'python', /^python-(?<version>\d+\.\d+)/g],
  [/(?:^|\/)\.tool-versions$/, 'node', /^nodejs\s+(?<version>\d+)/gm],
  [/(?:^|\/)\.tool-versions$/, 'python', /^python\s+(?<version>\d+\.\d+)/gm],
  [
    /(?:Dockerfile|Containerfile)[\w.-]*$|\.dockerfile$/i,
    'node',
    /^\s*FROM\s+(?:--\S+\s+)?(?:[\w.-]+\/)*node:(?<version>\d+)/gim,
  ],
  [
    /(?:Dockerfile|Containerfile)[\w.-]*$|\.dockerfile$/i,
    'python',
    /^\s*FROM\s+(?:--\S+\s+)?(?:[\w.-]+\/)*python:(?<version>\d+\.\d+)/gim,
  ],
];

/** The rule. */
export const runtimeRule: SourceRule = {
  id: 'deps.runtime',
  title: 'Node.js and Python are of versions that are mended',
  level: 'warning',
  guide: 14,
  asvs: ['v5.0.0-15.2.1 (in part)'],
  cwe: ['CWE-1104'],
  needs: 'source',
  start: () => ({
    reads: (path) => PLACES.some(([place]) => place.test(path)) && !isSample(path),
    look(file, say) {
      const today = new Date().toISOString().slice(0, 10);
      for (const { runtime, version, at } of namedIn(file)) {
        const life = lastDayOf(runtime, version);
        if (life === undefined || life.day >= today) continue;
        const name = runtime === 'node' ? 'Node.js' : 'Python';
        say({
          at: { file, at },
          message: `${name} ${life.version} has not been mended since ${life.day}`,
          fix:
            runtime === 'node'
              ? 'a version with long support: nodejs.org/en/about/previous-releases'
              : 'a version that is mended: devguide.python.org/versions',
          confidence: 'high',
        });
      }
    },
  }),
};

function* namedIn(file: SourceFile): Generator<Named> {
  for (const [place, runtime, pattern] of PLACES) {
    if (!place.test(file.path)) continue;
    for (const match of file.text.matchAll(pattern))
      yield { runtime, version: match.groups?.['version'] ?? '', at: match.index + match[0].search(/\S/) };
  }
}
