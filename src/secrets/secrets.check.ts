/** What `check` asks of an application about files that hold secrets and must not be served. */
import type { Finding, Observation, Rule } from '../core/finding.ts';

/** Variable names only: a finding must not carry the secret into a report. */
function servesDotenv(seen: Observation): readonly Omit<Finding, 'rule'>[] {
  if (seen.status !== 200) return [];
  const names = seen.body
    .split('\n', 200)
    .map((line) => /^(?:export )?([A-Z][A-Z0-9_]{2,60})=/.exec(line)?.[1])
    .filter((name) => name !== undefined);
  if (names.length === 0 || /^\s*</.test(seen.body)) return [];
  return [
    {
      level: 'error',
      message: 'the secrets file .env is served to everyone',
      evidence: `200 with values for ${names.slice(0, 5).join(', ')}`,
      fix: 'serve a directory of its own, never the one of the source; replace every secret in that file',
    },
  ];
}

function servesGit(seen: Observation): readonly Omit<Finding, 'rule'>[] {
  if (seen.status !== 200 || !/^(?:ref: refs\/|[0-9a-f]{40}\s*$)/.test(seen.body)) return [];
  return [
    {
      level: 'error',
      message: 'the repository is served to everyone, with every secret that was ever committed',
      evidence: '200 with the head of a branch',
      fix: 'deploy without .git, and serve a directory of its own; replace every secret in the history',
    },
  ];
}

/** Rules about secrets. */
export const secretsRules: readonly Rule[] = [
  {
    id: 'secrets.dotenv-served',
    title: 'The file of secrets cannot be downloaded',
    asvs: ['v5.0.0-13.4.7'],
    probe: { method: 'GET', target: '/.env', headers: {} },
    check: servesDotenv,
  },
  {
    id: 'secrets.repository-served',
    title: 'The repository cannot be downloaded',
    asvs: ['v5.0.0-13.4.1'],
    probe: { method: 'GET', target: '/.git/HEAD', headers: {} },
    check: servesGit,
  },
];
