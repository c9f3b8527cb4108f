/** Secrets that are known by the name they are given to, where their form tells nothing. */
import type { RuleFacts } from '../../../core/rule.ts';
import type { SourceFile } from '../source-file.ts';
import type { SourceRule } from '../source-rule.ts';
import { HANDED_OVER_MARKS, handedOver } from './credentials-in-use.ts';
import { isEnvFile, isLock, isSample, isWritten } from './file-kinds.ts';
import { keysIn } from './key-formats.ts';
import { entropyOf, isPlaceholder, isWrittenOut, looksDrawn, SECRET_NAME } from './likely-secret.ts';

type Facts = Pick<RuleFacts, 'guide' | 'asvs' | 'cwe'> & { readonly needs: 'source' };

const WORDS = /secret|passw|passphrase|pwd|key|token|credential|:\/\/[^\s:/@]*:/i;
const QUOTED =
  /(?<![\w.?&-])["']?(?<name>[A-Za-z_][\w.-]{2,60})["']?\]?\s{0,4}(?:=>|:=|[:=])\s{0,4}(?<quote>["'])(?<value>[^"'\n]{4,200})\k<quote>/g;
const PLAIN =
  /^[ \t]*(?:-[ \t]+|export[ \t]+|Environment=)?(?<name>[A-Za-z_][\w.-]{2,60})[ \t]*[:=][ \t]*(?<value>[^\s"'#]{4,200})[ \t]*(?:#.*)?$/gm;
const ADDRESS =
  /\b(?:postgres(?:ql)?|mysql2?|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql)(?:\+\w+)?:\/\/[\w.-]{0,60}:(?<value>[^\s:@/"'`{}$<>]{6,100})@(?<host>[\w.-]{1,200})/g;
const CONFIGURATION = /\.(?:ya?ml|ini|cfg|conf|toml|properties|service|sh|env|npmrc)$/i;
const RUNS =
  /\.(?:ya?ml|service|sh|bash|zsh|timer)$|(?:^|\/)(?:[\w.-]*Dockerfile[\w.-]*|Makefile|Justfile|Procfile|crontab|package\.json)$/i;
/** Machines that test and forget, and files with rules of their own. */
const ELSEWHERE =
  /(?:^|\/)(?:\.github|\.circleci|\.gitlab|ci)\/|(?:^|\/)(?:\.gitlab-ci|\.travis|(?:docker-)?compose[\w.-]*|codecov|azure-pipelines)\.ya?ml$|\.(?:json|lock)$/i;

interface Assigned {
  readonly name: string;
  readonly value: string;
  readonly at: number;
}

/** Values that look drawn, behind names that say what they are; passwords in addresses of databases. */
export function assignedSecretRule(facts: Facts): SourceRule {
  return {
    ...facts,
    id: 'secrets.assigned',
    title: 'No password, token or key is written out in source or settings',
    level: 'warning',
    start: () => ({
      binaryToo: true,
      reads: (path) => isWritten(path) && !isSample(path) && !isLock(path) && !isEnvFile(path),
      words: new RegExp(`${WORDS.source}|${HANDED_OVER_MARKS.source}`, 'i'),
      look(file, say) {
        const known = new Set(keysIn(file.text).map(({ at }) => at));
        const told = new Set<string>();
        for (const { name, value, at } of assignmentsIn(file)) {
          // What Flask signs with has rules of its own.
          if (file.path.endsWith('.py') && /^SECRET_KEY$/i.test(name)) continue;
          if (!SECRET_NAME.test(name) || !looksDrawn(value) || known.has(at) || inComment(file, at)) continue;
          if (isSealed(file, value, at) || told.has(value)) continue;
          told.add(value);
          say({
            at: { file, at },
            message: `${name} is given a value that looks drawn, and is written out`,
            evidence: `${name} = ... (${value.length} characters, ${entropyOf(value).toFixed(1)} bits each)`,
            fix: `${name} from the environment, or from a file that only the service can read`,
          });
        }
        for (const { at, ...said } of handedOver(file.path, file.text, RUNS.test(file.path)))
          if (!known.has(at) && !inComment(file, at)) say({ at: { file, at }, ...said });
        for (const match of file.text.matchAll(ADDRESS)) {
          const { value = '', host = '' } = match.groups ?? {};
          if (
            isPlaceholder(value) ||
            !isWrittenOut(value) ||
            /^(?:localhost|127\.|host$|example|db$)/.test(host)
          )
            continue;
          if (/example\.|\.test$|\.invalid$/.test(host) || /^(?:user|\w*pass(?:word|wd)?)$/i.test(value))
            continue;
          say({
            at: { file, at: match.index },
            message: 'the address of a database has its password in it',
            evidence: `${match[0].slice(0, match[0].indexOf(':'))}://...@${host}`,
            fix: 'DATABASE_URL from the environment',
          });
        }
      },
    }),
  };
}

/** Values of manuals in settings: whoever attacks tries these first. */
export function placeholderRule(facts: Facts): SourceRule {
  return {
    ...facts,
    id: 'secrets.placeholder',
    title: 'No setting for a secret holds a word out of a manual',
    level: 'warning',
    cwe: ['CWE-798'],
    start: () => ({
      binaryToo: true,
      reads: (path) =>
        CONFIGURATION.test(path) &&
        !isSample(path) &&
        !isLock(path) &&
        !isEnvFile(path) &&
        !ELSEWHERE.test(path),
      words: WORDS,
      look(file, say) {
        for (const { name, value, at } of assignmentsIn(file)) {
          if (!SECRET_NAME.test(name) || !isPlaceholder(value) || /^(?:none|null|true|false)$/i.test(value))
            continue;
          if (inComment(file, at)) continue;
          // "password: Password" is a word in a form.
          if (name.toLowerCase().endsWith(value.toLowerCase()) && /[A-Z]/.test(value)) continue;
          say({
            at: { file, at },
            message: `${name} is a word that is tried first`,
            evidence: `${name} = ... (a placeholder)`,
            fix: `${name} from the environment, made by: openssl rand -base64 32`,
          });
        }
      },
    }),
  };
}

/** Examples in comments of code, and in fences of Markdown; what is commented out in settings was a secret once. */
function inComment(file: SourceFile, at: number): boolean {
  if (file.text.includes('```') && file.text.slice(0, at).split('```').length % 2 === 0) return true;
  return !CONFIGURATION.test(file.path) && /^(?:\*|\/\/|\/\*|#)/.test(file.lineOf(at));
}

/** Encrypted so that it may stand there: Sealed Secrets of Kubernetes, SOPS, vaults of Ansible. Of a file with several, the one at hand. */
function isSealed({ path, text }: SourceFile, value: string, at: number): boolean {
  if (/^ENC\[|^\$ANSIBLE_VAULT/.test(value)) return true;
  if (!/\.ya?ml$/i.test(path)) return false;
  const from = text.lastIndexOf('\n---', at) + 1;
  const end = text.indexOf('\n---', at);
  return /^kind:[ \t]*SealedSecret\b/m.test(text.slice(from, end === -1 ? text.length : end));
}

function* assignmentsIn(file: SourceFile): Generator<Assigned> {
  const patterns = CONFIGURATION.test(file.path) ? [QUOTED, PLAIN] : [QUOTED];
  for (const pattern of patterns) {
    let left = 2000;
    for (const match of file.text.matchAll(pattern)) {
      left -= 1;
      if (left < 0) return;
      const { name = '', value = '' } = match.groups ?? {};
      yield { name, value, at: match.index + match[0].lastIndexOf(value) };
    }
  }
}
