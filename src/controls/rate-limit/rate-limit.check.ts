/** What `check` asks of an application about limits. One answer cannot show a refusal, but it shows a limit. */
import { type Finding, headerValues, type Observation, PLAIN_GET, type Rule } from '../../core/finding.ts';

const FIX = 'put Bulwark in front of everything the application answers, with rateLimit: {} in its policy';

function limited(seen: Observation): readonly Omit<Finding, 'rule'>[] {
  return [...announcesLimit(seen), ...tellsWhenToRetry(seen)];
}

// RFC 9651: a list whose members are names with parameters; `r` and `q` are the ones that must be there.
function announcesLimit(seen: Observation): readonly Omit<Finding, 'rule'>[] {
  const current = headerValues(seen, 'ratelimit').join(', ');
  const policy = headerValues(seen, 'ratelimit-policy').join(', ');
  if (/;\s*r=\d/.test(current) && /;\s*q=\d/.test(policy)) return [];
  return [
    {
      level: 'warning',
      message: 'nothing shows that requests are limited here',
      evidence: `status ${seen.status}; RateLimit: ${current || 'absent'}; RateLimit-Policy: ${policy || 'absent'}`,
      fix: FIX,
    },
  ];
}

function tellsWhenToRetry(seen: Observation): readonly Omit<Finding, 'rule'>[] {
  const after = headerValues(seen, 'retry-after')[0];
  if (seen.status !== 429 || (after !== undefined && after !== '0')) return [];
  return [
    {
      level: 'warning',
      message: 'a refused client is not told when to come back, and will hammer on',
      evidence: `status 429; Retry-After: ${after ?? 'absent'}`,
      fix: 'answer 429 with Retry-After',
    },
  ];
}

/** Rules about limits. */
export const rateLimitRules: readonly Rule[] = [
  {
    id: 'rate.page',
    title: 'Requests of one client are limited',
    asvs: ['v5.0.0-2.4.1'],
    probe: PLAIN_GET,
    check: limited,
  },
  {
    id: 'rate.unknown-path',
    title: 'Unknown paths count against the limit too',
    asvs: ['v5.0.0-2.4.1'],
    probe: { method: 'GET', target: '/bulwark-check-no-such-path', headers: { accept: 'text/html' } },
    check: limited,
  },
];
