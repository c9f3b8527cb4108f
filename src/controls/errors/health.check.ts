/** What `check` asks of probes of health: they say that an application runs, and nothing of what it runs on. */
import { type Answer, answered, isHtml } from '../../core/answer.ts';
import { askEach, type Marked } from '../../core/ask-each.ts';
import {
  fault,
  type Fault,
  judged,
  type Level,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';

/** Rules about them. */
export const healthRules: readonly Rule[] = [
  {
    id: 'errors.health',
    title: 'A health probe says nothing of the inside to who asks from outside',
    level: 'error',
    guide: 10,
    asvs: ['v5.0.0-13.4.5 (in part)', 'v5.0.0-13.4.6 (in part)'],
    cwe: ['CWE-497'],
    mend: {
      bulwark: `routes: {
  'GET /healthz': { anyHost: true, insecureHttp: true },
},`,
      express: "app.get('/healthz', (request, response) => response.sendStatus(isReady ? 204 : 503));",
      flask: "@app.get('/healthz')\ndef healthz():\n    return '', 204 if is_ready() else 503",
      nginx: 'location = /healthz { allow 10.0.0.0/8; deny all; proxy_pass http://app; }',
    },
    needs: 'site',
    run: checkHealth,
  },
];

const PROBES: readonly Marked[] = ['/healthz', '/health', '/livez', '/readyz', '/actuator/health'].map(
  (target) => [target, /./, target] as const,
);

/** `postgres://app:***@db`, `user:password@host`: hidden, or the form of an address. */
const NO_PASSWORD = String.raw`(?:[*x.\u2022\u25CF-]|%2A)+|%s|\$?[<{[][^\s"'/@]{0,60}[>}\]]|\$?(?:pass|passw(?:or)?d|pwd?|redacted|hidden|masked|filtered|removed)`;
/** A time of day has two colons, too: a frame names a file, or stands in parentheses with a path. */
const FRAME =
  /\bat [^\n]{0,200}?(?:\.(?:[cm]?[jt]sx?|rs|dart|vue|svelte)(?:\?[^\s:()]{0,80})?|\bnode:[\w/]{1,80}|<anonymous>|\((?:file:\/\/)?(?:\/|[A-Z]:\\)[^\n()]{1,200}):\d+:\d+/;
/** Addresses of a site begin with these words just as well: where it ends as no address of a page does, it is a file. */
const SHARED_PATH =
  /"\/(?:app|home|data)\/(?:[^"\n]{0,200}\/)?(?:\.|[^"\n/]{0,100}\.(?:[cm]js|ts|py|rb|php|jar|sock|conf|ya?ml|env|db|sqlite3?|log|pem|key))"/;

/** What tells of the inside. The first that fits is said: of a value, no more than what it is. */
const INSIDE: readonly (readonly [level: Level, mark: RegExp, what: string])[] = [
  ['error', new RegExp(String.raw`\b[a-z][a-z+]{2,20}://[^\s"'/:@]{0,100}:(?!(?:${NO_PASSWORD})@)[^\s"'/@]{1,200}@`, 'i'), 'an address with its password'],
  ['warning', /\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|jdbc:[a-z]{2,20}):\/\/(?!(?:[^\s"'/@]{0,300}@)?host(?:name)?(?![\w.-]))/i, 'the address of a store'],
  ['warning', FRAME, 'a stack trace'],
  ['warning', /Traceback \(most recent call last\)|\bat [\w$.]{3,200}\([\w$]{1,80}\.java:\d+\)/, 'a stack trace'],
  ['warning', /(?<![\d.])(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}(?![\d.])/, 'an address of the inner network'],
  ['warning', /"(?:\/(?:opt|srv|usr|var|root|etc|mnt)\/|[A-Z]:\\\\)/, 'a path of its files'],
  ['warning', SHARED_PATH, 'a path of its files'],
  ['note', /"(?:(?:host_?name|arch|kernel)"\s{0,9}:\s{0,9}"[^"]|pid"\s{0,9}:\s{0,9}"?\d|platform"\s{0,9}:\s{0,9}"(?:linux|darwin|mac|win|freebsd|openbsd|aix|sunos))/i, 'what it runs on'],
]; // prettier-ignore

/** Four numbers are a release just as well. */
const RELEASE = /"[\w-]{0,40}(?:version|build|release)"\s{0,9}:\s{0,9}"[^"]{0,100}"/gi;
/** Whoever asks from the inner network is told their own address. */
const ASKER =
  /"(?:[\w-]{0,20}(?:client|remote|peer|caller|your)[\w-]{0,20}|x-forwarded-for|x-real-ip)"\s{0,9}:\s{0,9}"[\da-f.:, ]{7,100}"/gi;

async function checkHealth({ askOnce }: RuleContext): Promise<Outcome> {
  const answers = await askEach(askOnce, PROBES, 'probes');
  const found = answers.map(([answer]) => answer).filter(isProbe);
  if (found.length === 0) return notSeen('no probe answers at its usual addresses');
  return judged(
    found.flatMap((answer) => faultsOf(answer)),
    `${found.map(answered).join(', ')}, and says no more`,
  );
}

/** A page is for people: a site that answers everything by one has no probe there. */
function isProbe(answer: Answer): boolean {
  return (answer.status < 300 || answer.status === 503) && !isHtml(answer);
}

function faultsOf(answer: Answer): readonly Fault[] {
  const body = answer.body.replaceAll(RELEASE, '').replaceAll(ASKER, '');
  const first = INSIDE.find(([, mark]) => mark.test(body));
  if (first === undefined) return [];
  const [level, , what] = first;
  return [
    fault(
      level,
      `a probe of health tells whoever asks ${what}`,
      `${answered(answer)}, with ${what}`,
      'answer 204 or 503 with nothing in it, and keep what is wrong for the log or an address of the inner network',
    ),
  ];
}
