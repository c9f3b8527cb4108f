/** What `check` asks of a form that takes files: whether what is sent in comes back as a page of the site. */
import { type Answer, answered, headerOf, redirectOf } from '../../core/answer.ts';
import { randomId } from '../../core/random.ts';
import {
  fault,
  type Fault,
  judged,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
  type Visitor,
} from '../../core/rule.ts';
import { formsOf, linksOf, resourcesOf, type SeenForm } from '../../core/seen-page.ts';

/** Rules about uploads. */
export const uploadsRules: readonly Rule[] = [
  {
    id: 'uploads.served',
    title: 'No file that somebody has sent in runs as a page of the site',
    level: 'error',
    guide: 12,
    asvs: ['v5.0.0-5.2.2 (in part)', 'v5.0.0-3.2.1 (in part)'],
    cwe: ['CWE-434', 'CWE-79'],
    needs: 'own-account',
    why: 'Whoever opens the link runs the script of whoever sent the file, as the site, signed in.',
    run: checkUploads,
  },
];

/** One file that is sent, and what it is not. */
interface Sent {
  readonly what: string;
  readonly ending: string;
  readonly type: string;
  readonly content: (marker: string) => string;
}

const page = (marker: string): string =>
  `<!doctype html><title>${marker}</title><script>document.title='${marker}'</script>`;
/** One pixel, of bytes that are letters and signs alone. */
const PIXEL =
  'GIF89a\u0001\u0000\u0001\u0000\u0000\u0000\u0000,\u0000\u0000\u0000\u0000\u0001\u0000\u0001\u0000\u0000\u0002\u0002D\u0001\u0000;';

const FILES: readonly Sent[] = [
  { what: 'a page', ending: 'html', type: 'text/html', content: page },
  { what: 'a page that is called a picture', ending: 'gif', type: 'image/gif', content: page },
  {
    what: 'a picture with a page behind it',
    ending: 'gif',
    type: 'image/gif',
    content: (marker) => PIXEL + page(marker),
  },
  {
    what: 'a drawing with a script',
    ending: 'svg',
    type: 'image/svg+xml',
    content: (marker) =>
      `<svg xmlns="http://www.w3.org/2000/svg"><title>${marker}</title><script>1</script></svg>`,
  },
];
const MOST_LINKS = 4;

async function checkUploads(context: RuleContext): Promise<Outcome> {
  const { pages } = await context.crawlSignedIn();
  const visitor = await context.signedIn();
  const found = pages
    .flatMap((one) => formsOf(one).map((form) => ({ form, at: one })))
    .find(
      ({ form }) =>
        form.method === 'POST' &&
        form.action.origin === context.site.origin &&
        form.fields.some(({ type }) => type === 'file'),
    );
  if (found === undefined) return notSeen(`none of ${pages.length} pages has a form that takes a file`);
  const faults: Fault[] = [];
  const seen: string[] = [];
  const lost: string[] = [];
  for (const sent of FILES) {
    const outcome = await trySending(context, visitor, found.at, found.form, sent);
    if (outcome.fault !== undefined) faults.push(outcome.fault);
    else if (outcome.lost !== undefined) lost.push(outcome.lost);
    else seen.push(outcome.seen);
  }
  // What was taken and is found nowhere may be shown to somebody else.
  return faults.length === 0 && lost.length > 0
    ? notSeen(`${lost.join('; ')}: no page leads to it`)
    : judged(faults, seen.join('; '));
}

interface Tried {
  readonly seen: string;
  readonly fault?: Fault;
  readonly lost?: string;
}

async function trySending(
  { site, changed }: RuleContext,
  visitor: Visitor,
  { url }: Answer,
  known: SeenForm,
  sent: Sent,
): Promise<Tried> {
  const marker = `bulwark-check-${randomId(9).replaceAll(/[^a-z0-9]/gi, 'x')}`;
  const { pathname, search } = new URL(url);
  const before = await visitor.ask({ target: `${pathname}${search}` });
  const addresses = new Set(addressesOf(before));
  // A token may work once.
  const form =
    formsOf(before).find(
      ({ action, fields }) =>
        action.pathname === known.action.pathname && fields.some(({ type }) => type === 'file'),
    ) ?? known;
  const answer = await visitor.ask({
    method: 'POST',
    target: `${form.action.pathname}${form.action.search}`,
    headers: {
      origin: site.origin,
      referer: url,
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    },
    body: bodyOf(form, sent, marker),
  });
  const said = `${answered(answer)} to ${sent.what}`;
  if (answer.status >= 400) return { seen: said };
  changed(`POST ${form.action.pathname}, a file ${marker}.${sent.ending}`);
  const next = redirectOf(answer);
  const after = [
    answer,
    ...(next !== undefined && next.origin === site.origin
      ? [await visitor.ask({ target: `${next.pathname}${next.search}` })]
      : []),
    await visitor.ask({ target: `${pathname}${search}` }),
  ];
  const fresh = [...new Set(after.flatMap(addressesOf))].filter((one) => !addresses.has(one));
  const likely = fresh
    .filter((one) => one.includes(marker))
    .concat(fresh.filter((one) => !one.includes(marker)));
  for (const target of likely.slice(0, MOST_LINKS)) {
    const served = await visitor.ask({ target });
    if (!served.body.includes(marker)) continue;
    const type = headerOf(served, 'content-type') ?? 'no type';
    return runs(served)
      ? {
          seen: said,
          fault: fault(
            'error',
            `${sent.what} is taken, and comes back as a page of the site`,
            `${answered(served)} as ${type}, what was sent to ${form.action.pathname}`,
            'look at the bytes of what is sent in, and hand it out with Content-Disposition: attachment, X-Content-Type-Options: nosniff and Content-Security-Policy: sandbox',
            { mark: `${form.action.pathname} ${sent.what}` },
          ),
        }
      : { seen: `${said}, and it comes back as ${type} that no browser runs` };
  }
  return { seen: said, lost: said };
}

/** A browser would take it for a document, and run what is in it. */
function runs(answer: Answer): boolean {
  const type = (headerOf(answer, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isSniffed = headerOf(answer, 'x-content-type-options')?.toLowerCase() !== 'nosniff';
  const isDocument =
    /^(?:text\/html|application\/xhtml\+xml|image\/svg\+xml|text\/xml|application\/xml)$/.test(type) ||
    (type === '' && isSniffed);
  const isAttached = /^\s*attachment\b/i.test(headerOf(answer, 'content-disposition') ?? '');
  const isBoxed = /(?:^|[;,])\s*sandbox\s*(?:;|,|$)|script-src 'none'|default-src 'none'/i.test(
    headerOf(answer, 'content-security-policy') ?? '',
  );
  return answer.status === 200 && isDocument && !isAttached && !isBoxed;
}

function addressesOf(answer: Answer): readonly string[] {
  const { origin } = new URL(answer.url);
  return [...linksOf(answer), ...resourcesOf(answer).map(({ url }) => url)]
    .filter((url) => url.origin === origin)
    .map(({ pathname, search }) => `${pathname}${search}`);
}

const BOUNDARY = '----bulwark-check-fedcba9876543210';

function bodyOf(form: SeenForm, sent: Sent, marker: string): string {
  const parts = form.fields
    .filter(({ type }) => type !== 'submit')
    .map(({ name, value, type }) => {
      const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name.replaceAll('"', '%22')}"`;
      return type === 'file'
        ? `${head}; filename="${marker}.${sent.ending}"\r\nContent-Type: ${sent.type}\r\n\r\n${sent.content(marker)}\r\n`
        : `${head}\r\n\r\n${type === 'text' && value === '' ? marker : value}\r\n`;
    });
  return `${parts.join('')}--${BOUNDARY}--\r\n`;
}
