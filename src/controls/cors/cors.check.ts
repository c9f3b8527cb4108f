/** What `check` asks of an application about pages of other origins that want to read it. */
import { type Answer, answered, headerOf, headerValues } from '../../core/answer.ts';
import { fellShort, held, notSeen, type Outcome, type Rule, type RuleContext } from '../../core/rule.ts';

const FIX =
  "name each origin in full: cors: { origins: ['https://partner.example'] }, and let nothing else write these headers";

/** Rules about cross-origin reads. */
export const corsRules: readonly Rule[] = [
  {
    id: 'cors.any-origin',
    title: 'Another site cannot read here what its visitor may see',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-3.4.2 (in part)'],
    cwe: ['CWE-942'],
    needs: 'page',
    run: (context) => readable(context, () => ['https://attacker.example']),
  },
  {
    id: 'cors.null-origin',
    title: 'A sandboxed frame of another site cannot read here what its visitor may see',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-3.4.2 (in part)'],
    cwe: ['CWE-942'],
    needs: 'page',
    run: (context) => readable(context, () => ['null']),
  },
  {
    id: 'cors.look-alike',
    title: 'A host that only looks like this one cannot read here what its visitor may see',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-3.4.2 (in part)'],
    cwe: ['CWE-942', 'CWE-625'],
    needs: 'page',
    run: (context) => readable(context, lookAlikes),
  },
  {
    id: 'cors.vary',
    title: 'A cache does not give the answer for one origin to another',
    level: 'warning',
    guide: 6,
    asvs: ['v5.0.0-3.4.2 (in part)'],
    cwe: ['CWE-524'],
    needs: 'page',
    run: checkVary,
  },
  {
    id: 'cors.preflight',
    title: 'No page of another site is told that it may write here with cookies, and none by a wildcard',
    level: 'error',
    guide: 6,
    asvs: ['v5.0.0-3.4.2 (in part)', 'v5.0.0-3.5.2 (in part)'],
    cwe: ['CWE-942'],
    needs: 'page',
    run: checkPreflight,
  },
];

/** What patterns that are not anchored, or whose dot is any character, take for this origin. */
function lookAlikes({ site }: RuleContext): readonly string[] {
  const { protocol, hostname, host } = new URL(site.origin);
  return [
    `${protocol}//${host}.attacker.example`,
    `${protocol}//attacker-${host}`,
    `${protocol}//${hostname.replace('.', 'x')}`,
    `${protocol}//attacker.example?${host}`,
  ];
}

async function readable(
  context: RuleContext,
  origins: (context: RuleContext) => readonly string[],
): Promise<Outcome> {
  let last: Answer | undefined;
  for (const origin of origins(context)) {
    const answer = await context.ask({
      headers: { origin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
    });
    last = answer;
    if (headerOf(answer, 'access-control-allow-origin') !== origin) continue;
    const withCookies = headerOf(answer, 'access-control-allow-credentials') === 'true';
    if (!withCookies) continue;
    return fellShort(
      'error',
      'pages of an origin that nobody names may read what the visitor may see',
      `${answered(answer)} to Origin: ${origin}, with Access-Control-Allow-Origin: ${origin} and Access-Control-Allow-Credentials: true`,
      FIX,
    );
  }
  if (last === undefined) return notSeen('nothing was asked');
  if (last.status >= 400) {
    const usual = await context.ask({});
    if (usual.status >= 400) return notSeen(`${answered(usual)}: whom a page lets read was not seen`);
    return held(`${answered(last)} to another origin, ${usual.status} to a visitor`);
  }
  return held(`${answered(last)}, and names no such origin together with credentials`);
}

async function checkVary({ ask, site }: RuleContext): Promise<Outcome> {
  let seen: Answer | undefined;
  for (const origin of ['https://attacker.example', site.origin]) {
    const answer = await ask({ headers: { origin } });
    seen = answer;
    const vary = headerValues(answer, 'vary').join(',').toLowerCase();
    if (
      headerOf(answer, 'access-control-allow-origin') !== origin ||
      /(?:^|,)\s*(?:origin|\*)\s*(?:,|$)/.test(vary)
    )
      continue;
    if (/\bno-store\b/i.test(headerOf(answer, 'cache-control') ?? '')) continue;
    return fellShort(
      'warning',
      'a cache would give the answer for one origin to another',
      `${answered(answer)}, with Access-Control-Allow-Origin: ${origin} and no Vary: Origin`,
      'send Vary: Origin with every answer that depends on it, also with those that let nobody in',
    );
  }
  if (seen === undefined || seen.status >= 400)
    return notSeen(
      `${seen === undefined ? 'nothing was asked' : answered(seen)}: whom a page lets read was not seen`,
    );
  return held(`${answered(seen)}, and no answer for one origin that a cache would give to another`);
}

/** A request that only a preflight lets through: what it says is what a page of another site may do. */
async function checkPreflight({ ask }: RuleContext): Promise<Outcome> {
  let last: Answer | undefined;
  for (const origin of ['https://attacker.example', 'null']) {
    const answer = await ask({
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'cors',
      },
    });
    last = answer;
    const allowed = headerOf(answer, 'access-control-allow-origin');
    // Without it, a browser sends no cookie with what it asked for.
    if (headerOf(answer, 'access-control-allow-credentials') !== 'true') continue;
    const methods = headerOf(answer, 'access-control-allow-methods') ?? '';
    const seen = `${answered(answer)} to Origin: ${origin}, with Access-Control-Allow-Origin: ${allowed ?? 'none'} and Access-Control-Allow-Credentials: true`;
    // Only an answer with 2xx lets what was asked for follow.
    if (allowed === origin && answer.status < 300 && /(?:^|[\s,])PUT(?:[\s,]|$)/.test(methods)) {
      return fellShort(
        'error',
        'pages of an origin that nobody names may send changes with the cookies of their visitor',
        `${seen}, for ${methods}`,
        FIX,
      );
    }
    if (allowed === '*') {
      return fellShort(
        'note',
        'every site is let in by a wildcard, together with credentials: browsers refuse the two, and the next change lets every site read',
        seen,
        FIX,
      );
    }
  }
  if (last === undefined || last.status >= 500)
    return notSeen(`${last === undefined ? 'nothing was asked' : answered(last)}: no preflight was answered`);
  return held(`${answered(last)}, and lets no such origin write with cookies`);
}
