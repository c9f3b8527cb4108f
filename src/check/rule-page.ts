/** What there is to say of a rule: docs/checks/ has it as a page, and `bulwark explain` prints the same text. */
import type { Mend, Need, RuleFacts } from '../core/rule.ts';
import { mendOf } from './mends/mend.ts';
import { sectionTitle } from './sections.ts';
import { weaknessName, whyOf } from './weaknesses.ts';

const PAGES = 'https://github.com/bulwark-layer/bulwark/blob/main/docs/checks';

/** What a rule has to be given, in words for whoever types the command. */
export const NEEDS: Readonly<Record<Need, string>> = {
  site: 'an answer',
  page: 'a page',
  'own-host': 'your word that the host is yours (`--active`)',
  account: 'an account (`--login`)',
  'own-account': 'an account on a host that is yours (`--login` and `--active`)',
  tls: 'https',
  source: 'the source (`--source`)',
};

const OUTSIDE =
  'the request that was sent, and its answer as far as it matters, without the values of cookies and tokens.';
const EVIDENCE: Readonly<Record<Need, string>> = {
  site: OUTSIDE,
  page: OUTSIDE,
  'own-host': OUTSIDE,
  account: OUTSIDE,
  'own-account': `${OUTSIDE} What was changed there is listed at the end of the report.`,
  tls: 'what was offered in a handshake, and what was taken; or the answer over https.',
  source:
    'the file and the line, as it stands there without what looks like a secret; where a value is followed, each step of its way.',
};

/** The address of a rule's page: its own for a rule of a third party, which has none of ours. */
export function helpOf({ id, help }: Pick<RuleFacts, 'id' | 'help'>): string | undefined {
  if (help === undefined) return `${PAGES}/${id}.md`;
  return help === '' ? undefined : help;
}

/** All that is known of it, in Markdown. */
export function rulePage(rule: RuleFacts): string {
  const { id, title, level, guide, needs, asvs, cwe } = rule;
  return [
    `# ${id}`,
    '',
    `It holds where: ${title.replaceAll('<', '&lt;')}.`,
    '',
    `**Why.** ${whyOf(rule)}`,
    '',
    '| | |',
    '| --- | --- |',
    `| worst finding | ${level} |`,
    `| needs | ${NEEDS[needs]} |`,
    `| section of the checklist | ${sectionTitle(guide)} |`,
    `| OWASP ASVS 5.0.0 | ${asvs.map((one) => one.replace('v5.0.0-', '')).join(', ') || 'none asks for it'} |`,
    `| weakness | ${cwe.map((one) => `${one}: ${weaknessName(one)}`).join('; ') || 'none of the catalogue'} |`,
    '',
    `**Evidence.** A finding has ${EVIDENCE[needs]}`,
    '',
    '## How to mend it',
    '',
    ...mendText(mendOf(rule)),
    '',
  ].join('\n');
}

const HOSTS: readonly (readonly [host: keyof Mend, title: string, language: string])[] = [
  ['bulwark', 'Bulwark', 'ts'],
  ['express', 'Express', 'js'],
  ['flask', 'Flask', 'python'],
  ['nginx', 'nginx', 'nginx'],
  ['docker', 'Image', 'dockerfile'],
  ['shell', 'Elsewhere', 'sh'],
];

function mendText(mend: Mend): readonly string[] {
  const parts = HOSTS.flatMap(([host, title, language]) => {
    const code = mend[host];
    if (code === undefined) return [];
    if (code === '') return [`**${title}.** Nothing to write: it is so unless the policy says otherwise.`];
    const whole = host === 'bulwark' ? asPolicy(code) : code;
    return [`**${title}**\n\n\`\`\`${language}\n${whole}\n\`\`\``];
  });
  return parts.length === 0
    ? ['By what the finding names: each has the line to write.']
    : [parts.join('\n\n')];
}

/** Code with imports is a module; all else is a part of a policy. */
function asPolicy(code: string): string {
  if (code.startsWith('import ')) return code;
  const lines = code.split('\n').map((line) => `  ${line}`);
  return [
    "import { definePolicy } from 'bulwark';",
    '',
    'export default definePolicy({',
    ...lines,
    '});',
  ].join('\n');
}
