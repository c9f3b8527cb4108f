/** What `check` asks of a site by its other name, with or without `www.`: people type both, and a browser keeps each for itself. */
import { type Answer, answered, headerOf, redirectOf, titleOf } from '../../core/answer.ts';
import { fellShort, held, notSeen, type Outcome, type Rule, type RuleContext } from '../../core/rule.ts';

/** Rules about it. */
export const otherNameRules: readonly Rule[] = [
  {
    id: 'https.other-name',
    title: 'The other name of the site, with or without www, stays with https',
    level: 'warning',
    guide: 2,
    asvs: ['v5.0.0-3.4.1 (in part)'],
    cwe: ['CWE-319'],
    why: 'Who types the other name comes by plain http, each time, and anybody on the way answers in the place of the redirect.',
    mend: {
      bulwark: "origin: 'https://files.example.com',\norigins: { moved: ['https://www.files.example.com'] },",
      express: `app.use((request, response, next) => {
  if (request.hostname === 'files.example.com') return next();
  response.set('Strict-Transport-Security', 'max-age=63072000; includeSubDomains');
  response.redirect(308, 'https://files.example.com' + request.originalUrl);
});`,
      nginx: `listen 443 ssl;
server_name www.files.example.com;
add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
return 308 https://files.example.com$request_uri;`,
    },
    needs: 'tls',
    run: checkOtherName,
  },
];

const HSTS = 'strict-transport-security';
/** `example.co.uk`: what stands under more has no second name that people type. */
const MOST_LABELS = 3;
const FIX = 'redirect it to https by the public name, with Strict-Transport-Security on the redirect, too';

async function checkOtherName({ site, ask, askOnce }: RuleContext): Promise<Outcome> {
  const other = otherNameOf(site.hostname);
  if (site.loopback || other === undefined)
    return notSeen(`${site.hostname} has no other name that people type`);
  const usual = await askOnce();
  if (usual.status >= 400) return notSeen(`${answered(usual)} to our own name: give the address of a page`);
  const answer = await ask({ headers: { host: other + site.host.slice(site.hostname.length) } });
  const leads = redirectOf(answer);
  const seen = `${answered(answer)} to Host: ${other}${leads === undefined ? '' : `, Location: ${leads.href}`}`;
  // Whoever looks at the name of the TLS connection says nothing of one for the other name.
  if (answer.status === 421 || answer.status >= 500) return notSeen(`${seen}: give that name itself`);
  if (answer.status >= 400) return held(`${seen}: it is no name of this server`);
  const isTheirs =
    leads === undefined ? !isSamePage(answer, usual) : ![site.hostname, other].includes(leads.hostname);
  if (isTheirs) return notSeen(`${seen}: another site may answer there`);
  if (leads?.protocol === 'http:')
    return fellShort('warning', 'the other name of the site leads to plain http', seen, FIX);
  return headerOf(usual, HSTS) === undefined ||
    headerOf(answer, HSTS) !== undefined ||
    isCovered(usual, site.hostname)
    ? held(seen)
    : fellShort(
        'note',
        'browsers keep https for one name of the site, and not for the other',
        `${seen}, without ${HSTS}`,
        FIX,
      );
}

/** Without titles, nothing but the very same text is known to be of one site: a server has an answer for names that it does not know. */
function isSamePage(answer: Answer, usual: Answer): boolean {
  const title = titleOf(usual);
  if (title !== '' || titleOf(answer) !== '') return titleOf(answer) === title;
  return answer.status === usual.status && answer.body !== '' && answer.body === usual.body;
}

function otherNameOf(hostname: string): string | undefined {
  if (/^[\d.]+$|[[:]/.test(hostname) || !hostname.includes('.')) return undefined;
  if (hostname.startsWith('www.')) return hostname.slice(4);
  return hostname.split('.').length <= MOST_LABELS ? `www.${hostname}` : undefined;
}

/** What the bare name says for all below it holds for `www.`, too. */
function isCovered(usual: Answer, hostname: string): boolean {
  return !hostname.startsWith('www.') && /\bincludesubdomains\b/i.test(headerOf(usual, HSTS) ?? '');
}
