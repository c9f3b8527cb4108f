/** What `check` asks of an Integrity-Policy (W3C Subresource Integrity): whether it does what whoever wrote it meant. */
import { type Answer, answered, headerOf } from '../../core/answer.ts';
import {
  fault,
  type Fault,
  judged,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';
import { tagsOf } from '../../core/seen-page.ts';

/** Rules about it. A page without one is looked at by csp.integrity. */
export const integrityPolicyRules: readonly Rule[] = [
  {
    id: 'csp.integrity-policy',
    title: 'An Integrity-Policy blocks scripts without a hash, and none that the page needs',
    level: 'warning',
    guide: 3,
    asvs: ['v5.0.0-3.6.1 (in part)'],
    cwe: ['CWE-353'],
    why: 'A policy that is written wrongly is none, without a word: a changed file at its host runs script in every page that loads it.',
    mend: {
      bulwark: "headers: { integrityPolicy: 'enforce' },",
      express: "response.set('Integrity-Policy', 'blocked-destinations=(script)');",
      flask: "response.headers['Integrity-Policy'] = 'blocked-destinations=(script)'",
      nginx: 'add_header Integrity-Policy "blocked-destinations=(script)" always;',
    },
    needs: 'page',
    run: checkPolicy,
  },
];

const NAME = 'integrity-policy';

async function checkPolicy({ page }: RuleContext): Promise<Outcome> {
  const answer = await page();
  const enforced = headerOf(answer, NAME);
  const reported = headerOf(answer, `${NAME}-report-only`);
  const policy = enforced ?? reported;
  if (policy === undefined) return notSeen('the page has no Integrity-Policy');
  const seen = `${answered(answer)}, Integrity-Policy${enforced === undefined ? '-Report-Only' : ''}: ${policy.slice(0, 200)}`;
  const faults: Fault[] = [];
  const say = (level: 'warning' | 'note', message: string, fix: string): void =>
    void faults.push(fault(level, message, seen, fix));
  if (!listOf(policy, 'blocked-destinations').includes('script'))
    say(
      'warning',
      'an Integrity-Policy blocks no script, and so does nothing',
      'blocked-destinations=(script)',
    );
  else if (/(?:^|,)\s*sources=/.test(policy) && !listOf(policy, 'sources').includes('inline'))
    say(
      'warning',
      'an Integrity-Policy names no source that browsers know, and so does nothing',
      'leave sources out, or write sources=(inline)',
    );
  else if (enforced !== undefined && hasBareScript(answer))
    say(
      'note',
      'a script is on the page that its own Integrity-Policy blocks',
      'give it integrity="sha384-..." and, from elsewhere, crossorigin',
    );
  const endpoints = headerOf(answer, 'reporting-endpoints') ?? '';
  if (listOf(policy, 'endpoints').some((name) => !endpoints.includes(`${name}=`)))
    say(
      'note',
      'an Integrity-Policy reports to an endpoint that no header names',
      'Reporting-Endpoints: name="/reports"',
    );
  return judged(faults, seen);
}

/** An inner list of tokens of a dictionary (RFC 9651); empty where there is none. */
function listOf(policy: string, name: string): readonly string[] {
  const list = new RegExp(`(?:^|,)\\s*${name}=\\(([^)]*)\\)`).exec(policy)?.[1] ?? '';
  return list.split(/\s+/).filter((one) => one !== '');
}

function hasBareScript({ body }: Answer): boolean {
  return tagsOf(body).some(
    ({ name, attributes }) =>
      name === 'script' &&
      attributes.has('src') &&
      !/\bsha(?:256|384|512)-/.test(attributes.get('integrity') ?? ''),
  );
}
