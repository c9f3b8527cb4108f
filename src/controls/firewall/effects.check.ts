/** What `check` asks of an application by effect: where redirects lead, and how much it takes. */
import { type Answer, answered, type Probe, redirectOf, titleOf } from '../../core/answer.ts';
import {
  fault,
  type Fault,
  held,
  judged,
  notSeen,
  NotSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';
import { formsOf, linksOf } from '../../core/seen-page.ts';

const FOREIGN_HOST = 'bulwark-check.example';

/** Rules by effect. */
export const effectRules: readonly Rule[] = [
  {
    id: 'firewall.open-redirect',
    title: 'No parameter sends a visitor to another site',
    level: 'error',
    guide: 9,
    asvs: ['v5.0.0-3.7.2 (in part)'],
    cwe: ['CWE-601'],
    needs: 'own-host',
    run: checkRedirects,
  },
  {
    id: 'firewall.body-limit',
    title: 'A body that is too large is refused by its length',
    level: 'warning',
    guide: 9,
    asvs: ['v5.0.0-5.2.1 (in part)'],
    cwe: ['CWE-770', 'CWE-400'],
    needs: 'own-host',
    alone: true,
    run: (context) => checkBody(context, false),
  },
  {
    id: 'firewall.body-limit-chunked',
    title: 'A body that does not say its length is counted as it comes',
    level: 'warning',
    guide: 9,
    asvs: ['v5.0.0-5.2.1 (in part)'],
    cwe: ['CWE-770', 'CWE-400'],
    needs: 'own-host',
    alone: true,
    run: (context) => checkBody(context, true),
  },
];

const NAMES =
  /^(?:next|url|return|return_?to|return_?url|redirect|redirect_?to|redirect_?ur[il]|continue|dest|destination|goto|to|target|back|callback|forward|r|u)$/i;
const USUAL = ['next', 'url', 'redirect', 'return_to'];
const LEADS = [`https://${FOREIGN_HOST}/`, `//${FOREIGN_HOST}/`, `/\\${FOREIGN_HOST}/`];
const MOST_PLACES = 6;

async function checkRedirects({ ask, crawl, site }: RuleContext): Promise<Outcome> {
  const { pages, others } = await crawl();
  const found = new Set<string>();
  for (const url of [...pages.flatMap(linksOf), ...others.flatMap((one) => redirectOf(one) ?? [])]) {
    if (url.origin !== site.origin) continue;
    for (const name of url.searchParams.keys()) if (NAMES.test(name)) found.add(`${url.pathname}?${name}`);
  }
  for (const form of pages.flatMap(formsOf)) {
    if (form.action.origin !== site.origin || form.method !== 'GET') continue;
    for (const { name } of form.fields) if (NAMES.test(name)) found.add(`${form.action.pathname}?${name}`);
  }
  const { pathname } = new URL(`${site.origin}${site.target}`);
  const places = [...found, ...USUAL.map((name) => `${pathname}?${name}`)].slice(0, MOST_PLACES);
  const faults: Fault[] = [];
  let redirects = 0;
  for (const place of new Set(places)) {
    for (const lead of LEADS) {
      const answer = await ask({ target: `${place}=${encodeURIComponent(lead)}` });
      const leads = redirectOf(answer);
      if (leads !== undefined) redirects += 1;
      if (leads?.hostname !== FOREIGN_HOST) continue;
      faults.push(
        fault(
          'error',
          `the parameter ${place.slice(place.indexOf('?') + 1)} sends a visitor to any site`,
          `${answered(answer)}, Location: ${leads.href}`,
          'redirect to paths of your own alone: take what begins with / and not with // or /\\',
          { mark: place },
        ),
      );
      break;
    }
  }
  if (faults.length > 0) return judged(faults, '');
  return found.size === 0 && redirects === 0
    ? notSeen(
        `no parameter of ${pages.length} pages looks like a place to go to, and the usual names change nothing`,
      )
    : held(`${places.length} parameters, and none led to ${FOREIGN_HOST}`);
}

/** More than any form of text needs, and than Bulwark and most servers take by themselves. */
const BODY_BYTES = 11 * 1024 * 1024;

async function checkBody({ ask, page, changed, site }: RuleContext, chunked: boolean): Promise<Outcome> {
  const form = formsOf(await page()).find(
    ({ method, action }) => method === 'POST' && action.origin === site.origin,
  );
  const target = form === undefined ? site.target : `${form.action.pathname}${form.action.search}`;
  const base: Probe = {
    method: 'POST',
    target,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: site.origin,
      'sec-fetch-site': 'same-origin',
    },
  };
  const small = await ask({ ...base, body: 'bulwark-check=1' });
  const body = `bulwark-check=${'x'.repeat(BODY_BYTES)}`;
  let answer: Answer;
  try {
    answer = await ask({
      ...base,
      body,
      ...(chunked && { headers: { ...base.headers, 'transfer-encoding': 'chunked' } }),
    });
  } catch (error) {
    if (error instanceof NotSeen && /cut|EPIPE|ECONNRESET/.test(error.message)) {
      return held(`the connection was cut within ${BODY_BYTES} bytes, and ${answered(small)} to a small one`);
    }
    throw error;
  }
  changed(`POST ${target} with ${BODY_BYTES} bytes, answered ${answer.status}`);
  const seen = `${answered(answer)} to ${BODY_BYTES} bytes${chunked ? ' in chunks' : ''}, ${small.status} to a few`;
  if (answer.status === 413) return held(seen);
  if (answer.early === true) return notSeen(`${seen}, before it was read: nothing reads a body there`);
  const alike = answer.status === small.status && titleOf(answer) === titleOf(small);
  if (!alike) return answer.status >= 400 ? held(seen) : notSeen(`${seen}, but not with the same answer`);
  return [401, 403, 404, 405, 415].includes(answer.status)
    ? notSeen(`${seen}: nothing reads a body there`)
    : judged(
        [
          fault(
            'warning',
            `a body of ${BODY_BYTES} bytes is taken like a small one`,
            seen,
            'limit bodies where they come in: client_max_body_size, MAX_CONTENT_LENGTH, or Bulwark',
          ),
        ],
        '',
      );
}
