/** What `check` asks of an application about files that hold secrets and must not be served. */
import { type Answer, answered, redirectOf } from '../core/answer.ts';
import { fellShort, held, notSeen, type Outcome, type Rule, type RuleContext } from '../core/rule.ts';

/** Rules about secrets. */
export const secretsRules: readonly Rule[] = [
  {
    id: 'secrets.dotenv-served',
    title: 'The file of secrets cannot be downloaded',
    level: 'error',
    guide: 1,
    asvs: ['v5.0.0-13.4.7 (in part)'],
    cwe: ['CWE-552'],
    needs: 'site',
    run: (context) => checkFile(context, '/.env', servesDotenv),
  },
  {
    id: 'secrets.repository-served',
    title: 'The repository cannot be downloaded',
    level: 'error',
    guide: 1,
    asvs: ['v5.0.0-13.4.1 (in part)'],
    cwe: ['CWE-527'],
    needs: 'site',
    run: (context) => checkFile(context, '/.git/HEAD', servesGit),
  },
];

/** What is in a file, by the answer to it: any page is an answer, and not the file. */
async function checkFile(
  { askOnce }: RuleContext,
  target: string,
  look: (answer: Answer) => Outcome | undefined,
): Promise<Outcome> {
  const answer = await askOnce({ target });
  const leads = redirectOf(answer);
  if (leads !== undefined)
    return notSeen(`${answered(answer)}, and leads to ${leads.href}: give that address`);
  if (answer.status >= 500) return notSeen(answered(answer));
  return (answer.status < 300 ? look(answer) : undefined) ?? held(answered(answer));
}

/** Variable names only: a finding must not carry the secret into a report. */
function servesDotenv({ body, url }: Answer): Outcome | undefined {
  const names = body
    .split('\n', 200)
    .map((line) => /^(?:export )?([A-Z][A-Z0-9_]{2,60})=/.exec(line)?.[1])
    .filter((name) => name !== undefined);
  if (names.length === 0 || /^\s*</.test(body)) return undefined;
  return fellShort(
    'error',
    'the secrets file .env is served to everyone',
    `GET ${url} answered with values for ${names.slice(0, 5).join(', ')}`,
    'serve a directory of its own, never the one of the source; replace every secret in that file',
  );
}

function servesGit({ body, url }: Answer): Outcome | undefined {
  if (!/^(?:ref: refs\/|[0-9a-f]{40}\s*$)/.test(body)) return undefined;
  return fellShort(
    'error',
    'the repository is served to everyone, with every secret that was ever committed',
    `GET ${url} answered with the head of a branch`,
    'deploy without .git, and serve a directory of its own; replace every secret in the history',
  );
}
