/** Secrets in the tree, and in what it was. No value ever stands in a finding. */
import { createHash } from 'node:crypto';
import type { RuleFacts } from '../../../core/rule.ts';
import { SourceFile } from '../source-file.ts';
import type { Say, SourceRule } from '../source-rule.ts';
import type { SourceTree } from '../source-tree.ts';
import { assignedSecretRule, placeholderRule } from './assigned-rules.ts';
import { isEnvFile, isSample, isWritten } from './file-kinds.ts';
import { withRepository } from './git.ts';
import { eachAdded } from './history.ts';
import { type FoundKey, KEY_MARKS, keysIn } from './key-formats.ts';
import { isPlaceholder, isWrittenOut, SECRET_NAME } from './likely-secret.ts';
import { maskedKey } from './masked.ts';
import { privateKeysIn } from './verify-keys.ts';

const FACTS: Pick<RuleFacts, 'guide' | 'asvs' | 'cwe'> & { readonly needs: 'source' } = {
  guide: 1,
  asvs: ['v5.0.0-13.3.1 (in part)'],
  cwe: ['CWE-798', 'CWE-540'],
  needs: 'source',
};

/** Rules about secrets. */
export const secretRules: readonly SourceRule[] = [
  {
    ...FACTS,
    id: 'secrets.key',
    title: 'No key that opens something stands in the tree',
    level: 'error',
    start: () => ({
      binaryToo: true,
      reads: (path) => isWritten(path) && !isEnvFile(path),
      words: KEY_MARKS,
      look(file, say) {
        for (const found of secretsIn(file.text)) sayKey(file, found, say);
      },
    }),
  },
  {
    ...FACTS,
    id: 'secrets.history',
    title: 'No key that opens something stands in an earlier commit',
    level: 'error',
    start: (tree) => startHistory(tree),
  },
  {
    ...FACTS,
    id: 'secrets.env-file',
    title: 'No file of environment variables is in the repository',
    level: 'error',
    start: (tree) => startEnvFiles(tree),
  },
  assignedSecretRule(FACTS),
  placeholderRule(FACTS),
];

/** Keys of Google's that pages hold by design: what they open is limited where they were made. */
const IN_PAGES = /^AIza/;

interface FoundSecret extends Omit<FoundKey, 'verdict'> {
  readonly proved: boolean;
}

function secretsIn(text: string): readonly FoundSecret[] {
  const pems = privateKeysIn(text).map(({ at, text: key, locked, proved }) => ({
    format: {
      name: locked ? 'a private key with a passphrase' : 'a private key',
      variable: 'PRIVATE_KEY_FILE',
    },
    at,
    key,
    mild: locked,
    proved,
  }));
  const keys = keysIn(text).map(({ format, at, key, mild, verdict }) => ({
    format,
    at,
    key,
    mild,
    proved: verdict === 'proved',
  }));
  return [...pems, ...keys];
}

function sayKey(file: SourceFile, { format, at, key, mild, proved }: FoundSecret, say: Say): void {
  const sample = isSample(file.path);
  // A token with a checksum was handed out by its service, wherever it stands; keys of tests are made for them.
  const real = proved && format.name.startsWith('a token');
  say({
    at: { file, at },
    level: real ? 'error' : sample || IN_PAGES.test(key) ? 'note' : mild ? 'warning' : 'error',
    message: `${format.name} stands here${proved ? ', and it is well formed to its last letter' : ''}`,
    evidence: `${format.name}: ${maskedKey(key)}`,
    fix: `${readsIt(file.path, format.variable)}  # and revoke this one where it was made: it is known`,
    confidence: proved ? 'high' : 'medium',
  });
}

/** The line that takes a value from the environment, in the language of a file. */
function readsIt(path: string, variable: string): string {
  if (path.endsWith('.py')) return `os.environ['${variable}']`;
  if (/\.[cm]?[jt]sx?$/.test(path)) return `process.env['${variable}']`;
  return `\${${variable}}`;
}

/** Secrets of the files that there are have been told of; those of the past are told of once each. */
function startHistory(tree: SourceTree): ReturnType<SourceRule['start']> {
  const now = new Set<string>();
  const digest = (key: string): string => createHash('sha256').update(key).digest('base64url');
  return {
    binaryToo: true,
    reads: (path) => isWritten(path),
    words: KEY_MARKS,
    look(file) {
      for (const { key } of secretsIn(file.text)) now.add(digest(key));
    },
    end(say) {
      const seen = withRepository(tree.root, (repository) => {
        const told = new Set(now);
        const whole = eachAdded(repository, ({ commit, path, text }) => {
          if (!isWritten(path) || !KEY_MARKS.test(text)) return;
          for (const secret of secretsIn(text)) {
            const mark = digest(secret.key);
            if (told.has(mark) || told.size > 5000) continue;
            told.add(mark);
            sayOld(commit, path, secret, say);
          }
        });
        return { whole };
      });
      if ('why' in seen) {
        if (seen.why !== 'the tree is no git repository') tree.notScan({ path: '.git', why: seen.why });
      } else if (!seen.whole) {
        tree.notScan({
          path: '.git',
          why: 'the history is longer than what is read of it, or git took too long',
        });
      }
    },
  };
}

function sayOld(commit: string, path: string, { format, key, mild, proved }: FoundSecret, say: Say): void {
  const real = proved && format.name.startsWith('a token');
  const file = new SourceFile(path, '');
  say({
    at: { file, at: 0 },
    level: real ? 'error' : isSample(path) ? 'note' : mild ? 'warning' : 'error',
    message: `${format.name} stands in commit ${commit.slice(0, 12)}: whoever has a copy of the repository has it`,
    evidence: `${format.name}: ${maskedKey(key)}`,
    fix: `${readsIt(path, format.variable)}  # and revoke the old one where it was made: taking it out of the history calls no copy back`,
    confidence: proved ? 'high' : 'medium',
  });
}

function startEnvFiles(tree: SourceTree): ReturnType<SourceRule['start']> {
  const files: { readonly file: SourceFile; readonly secrets: readonly string[] }[] = [];
  return {
    reads: (path) => isEnvFile(path) && !/(?:^|\/)node_modules\//.test(path),
    look(file) {
      files.push({ file: new SourceFile(file.path, ''), secrets: namesOfSecrets(file.text) });
    },
    end(say) {
      if (files.length === 0) return;
      const listed = withRepository(tree.root, ({ run }) => run(['ls-files', '-z']));
      const tracked = 'why' in listed ? undefined : new Set(listed.text.split('\0'));
      for (const { file, secrets } of files) {
        // What settings a site has may stand in the repository: development.env, with an address and a port.
        if (secrets.length === 0) continue;
        const kept = tracked?.has(file.path) === true;
        if (!kept && isIgnored(tree, file.path)) continue;
        say({
          at: { file, at: 0 },
          level: kept || tracked === undefined ? 'error' : 'warning',
          message: kept
            ? 'the environment of the application is in the repository'
            : 'nothing keeps the environment of the application out of the repository',
          evidence: `it sets ${secrets.slice(0, 8).join(', ')}`,
          fix: `git rm --cached ${file.path} && echo '${file.path.slice(file.path.lastIndexOf('/') + 1)}' >> .gitignore  # and new values for what was in it`,
          confidence: 'high',
        });
      }
    },
  };
}

/** Names that hold something which nobody may know. */
function namesOfSecrets(text: string): readonly string[] {
  const names: string[] = [];
  for (const line of text.split('\n')) {
    const { name, value = '' } =
      /^\s*(?:export\s+)?(?<name>\w{1,80})\s*=\s*["']?(?<value>[^"'\n]*)/.exec(line)?.groups ?? {};
    if (name === undefined || !isWrittenOut(value)) continue;
    const inAddress = /^[a-z+]+:\/\/[^\s:@/]*:(?<password>[^\s@/]+)@/.exec(value)?.groups?.['password'];
    const secret = SECRET_NAME.test(name) || keysIn(value).length > 0;
    if (secret || (inAddress !== undefined && !isPlaceholder(inAddress))) names.push(name);
  }
  return names;
}

/** By the rules that people write for it; whoever has others sees a finding, and not the other way round. */
function isIgnored(tree: SourceTree, path: string): boolean {
  const folders = path.split('/').slice(0, -1);
  const name = path.slice(path.lastIndexOf('/') + 1);
  for (let depth = folders.length; depth >= 0; depth -= 1) {
    const folder = folders.slice(0, depth).join('/');
    const text = tree.file(folder === '' ? '.gitignore' : `${folder}/.gitignore`)?.text ?? '';
    const lines = text.split('\n').map((line) => line.trim().replace(/^(?:\*\*)?\//, ''));
    const relative = path.slice(folder === '' ? 0 : folder.length + 1);
    if (lines.includes(`!${name}`)) return false;
    if (lines.some((line) => fits(line, name) || fits(line, relative))) return true;
  }
  return false;
}

function fits(line: string, path: string): boolean {
  if (line === '' || line.startsWith('#') || line.startsWith('!')) return false;
  const [start = '', ...ends] = line.split('*');
  const end = ends.join('*');
  if (ends.length === 0) return line === path || path.startsWith(`${line.replace(/\/$/, '')}/`);
  return (
    ends.length === 1 &&
    path.startsWith(start) &&
    path.endsWith(end) &&
    path.length >= start.length + end.length
  );
}
