/** A content security policy as it is written for Talisman. */
import type { Extension } from '../flask/flask-book.ts';
import type { SayAt } from '../flask/flask-rule.ts';
import { isFalse } from '../python/values.ts';

/** Judges it: directives it does not have are those of default-src, or none at all. */
export function judgePolicy(one: Extension, say: SayAt): void {
  const policy = one.options.get('content_security_policy');
  if (isFalse(policy) || (policy?.kind === 'constant' && policy.value === undefined)) {
    say(one, {
      message: 'there is no content security policy',
      fix: "content_security_policy={'default-src': \"'none'\", 'script-src': \"'self'\", ...}",
    });
    return;
  }
  if (policy?.kind !== 'map') return;
  const sources = (name: string): string =>
    JSON.stringify(plain(policy.entries.get(name) ?? policy.entries.get('default-src')));
  if (
    /unsafe-inline|\*"|"\*|unsafe-eval|"https?:"/.test(sources('script-src')) &&
    !one.options.has('content_security_policy_nonce_in')
  ) {
    say(one, {
      message: 'the policy lets any inline script run, so that it stops no injected one',
      fix: "'script-src': \"'self'\", and content_security_policy_nonce_in=['script-src']",
      confidence: 'high',
    });
  }
  const missing = [
    'base-uri',
    'form-action',
    'frame-ancestors',
    ...(policy.entries.has('default-src') ? [] : ['object-src']),
  ].filter((name) => !policy.entries.has(name));
  if (missing.length > 0) {
    say(one, {
      message: `the policy says nothing of ${missing.join(', ')}, which default-src does not stand for`,
      fix: missing.map((name) => `'${name}': "${name === 'form-action' ? "'self'" : "'none'"}"`).join(', '),
      confidence: 'high',
    });
  }
  const reportOnly = one.options.get('content_security_policy_report_only');
  if (reportOnly?.kind === 'constant' && reportOnly.value === true) {
    say(one, {
      message: 'the policy is reported and not enforced',
      fix: 'content_security_policy_report_only=False',
    });
  }
}

function plain(known: unknown): unknown {
  if (typeof known !== 'object' || known === null) return known;
  if ('items' in known && Array.isArray(known.items)) return known.items.map(plain);
  return 'value' in known ? known.value : undefined;
}
