/** What `check` asks of an application's pages about transport: what they load and where their forms go, and preloaded HSTS. */
import { answered, headerValues, redirectOf } from '../../core/answer.ts';
import {
  fault,
  type Fault,
  judged,
  NothingListens,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';
import { formsOf, resourcesOf } from '../../core/seen-page.ts';

/** Rules about transport that are about pages. */
export const httpsPageRules: readonly Rule[] = [
  {
    id: 'https.mixed-content',
    title: 'Pages load everything over https, and their forms go nowhere else',
    level: 'error',
    guide: 2,
    asvs: ['v5.0.0-12.2.1 (in part)', 'v5.0.0-14.2.1 (in part)'],
    cwe: ['CWE-319'],
    needs: 'page',
    mend: {
      express: '<script src="https://cdn.example.com/app.js"></script>',
      flask: "<script src=\"{{ url_for('static', filename='app.js') }}\"></script>",
      nginx:
        'add_header Content-Security-Policy "upgrade-insecure-requests" always;  # until the pages are written anew',
    },
    run: checkMixed,
  },
  {
    id: 'https.preload',
    title: 'Where HSTS asks to be preloaded, the list would take it',
    level: 'warning',
    guide: 2,
    asvs: [],
    cwe: ['CWE-319'],
    needs: 'tls',
    run: checkPreload,
  },
];

async function checkMixed({ crawl, site }: RuleContext): Promise<Outcome> {
  const { pages } = await crawl();
  const faults = pages.flatMap((page): readonly Fault[] => {
    const seen = answered(page);
    const loads = site.secure
      ? resourcesOf(page)
          .filter(({ url }) => url.protocol === 'http:')
          .map(({ kind, url }) =>
            kind === 'media'
              ? fault(
                  'warning',
                  'a page loads a picture or film over plain http',
                  `${seen}, ${url.href}`,
                  'load it over https',
                )
              : fault(
                  'error',
                  `a page loads a ${kind} over plain http, which browsers block and others on the way write`,
                  `${seen}, ${url.href}`,
                  'load it over https',
                ),
          )
      : [];
    const forms = formsOf(page).flatMap(({ method, action, fields }) => {
      const password = fields.some(({ type }) => type === 'password');
      if (site.secure && action.protocol === 'http:') {
        return [
          fault(
            'error',
            'a form of an https page goes over plain http',
            `${seen}, action ${action.href}`,
            'send it to https',
          ),
        ];
      }
      return password && method === 'GET'
        ? [
            fault(
              'error',
              'a form with a password is sent by GET, so that the password stands in the address, in logs and in the history',
              `${seen}, action ${action.pathname}`,
              'method="post"',
            ),
          ]
        : [];
    });
    return [...loads, ...forms];
  });
  return judged(faults.slice(0, 5), `${pages.length} pages, and what they load and send`);
}

/** What hstspreload.org asks of who wants to be on the list. */
async function checkPreload({ askOnce, site, ask }: RuleContext): Promise<Outcome> {
  const answer = await askOnce();
  const [value = ''] = headerValues(answer, 'strict-transport-security');
  if (!/(?:^|;)[ \t]*preload[ \t]*(?:;|$)/i.test(value)) {
    return notSeen('HSTS does not ask to be preloaded');
  }
  const seconds = Number(/max-age[ \t]*=[ \t]*"?(\d{1,12})/i.exec(value)?.[1] ?? 0);
  const shown = `${answered(answer)}, Strict-Transport-Security: ${value}`;
  const faults: Fault[] = [];
  const add = (message: string, evidence: string): void =>
    void faults.push(
      fault('warning', message, evidence, 'meet what hstspreload.org asks, or leave preload out'),
    );
  if (seconds < 31_536_000) add('HSTS asks to be preloaded, with less than a year', shown);
  if (!/(?:^|;)[ \t]*includeSubDomains[ \t]*(?:;|$)/i.test(value))
    add('HSTS asks to be preloaded, without its subdomains', shown);
  if (site.plain !== undefined) {
    try {
      const plain = await ask({ plain: true });
      const leads = redirectOf(plain);
      if (leads?.protocol !== 'https:' || leads.hostname !== site.hostname) {
        add(
          'HSTS asks to be preloaded, and plain http does not lead to https on the same name first',
          answered(plain),
        );
      }
    } catch (error) {
      // Where nothing listens on port 80, there is nothing to lead anywhere.
      if (!(error instanceof NothingListens)) throw error;
    }
  }
  return judged(faults, shown);
}
