/** What `check` asks of an application about the reading of requests. */
import {
  type Finding,
  headerValues,
  type Observation,
  PLAIN_GET,
  type Probe,
  type Rule,
} from '../../core/finding.ts';

type Verdicts = readonly Omit<Finding, 'rule'>[];

/** A name that nobody answers for (RFC 2606). */
const FOREIGN_HOST = 'attacker.example';
const FIX = 'put Bulwark in front of the application';

/** A plain GET, changed in what a rule is about. */
function get(target: string, headers: Readonly<Record<string, string>> = {}): Probe {
  return { ...PLAIN_GET, target, headers: { ...PLAIN_GET.headers, ...headers } };
}

function error(message: string, evidence: string, fix: string): Verdicts {
  return [{ level: 'error', message, evidence, fix }];
}

/** A refusal of any kind, so that the rule holds for applications that say no in another way. */
function refused(what: string, fix = FIX): (seen: Observation) => Verdicts {
  return (seen) => (seen.status >= 400 ? [] : error(`${what} was not refused`, answer(seen), fix));
}

function answer(seen: Observation): string {
  return `${seen.method} ${seen.url} answered ${seen.status}`;
}

/** 405 with `Allow`, or 501; a 400 too, as some parsers know only common methods. */
function methodRefused(seen: Observation): Verdicts {
  const what = `the method ${seen.method}`;
  if (seen.status < 400)
    return error(`${what} was answered`, answer(seen), 'list the methods you serve, refuse others');
  if (seen.status !== 405 || headerValues(seen, 'allow').length > 0) return [];
  return [
    {
      level: 'warning',
      message: 'a 405 does not say which methods are allowed',
      evidence: `${answer(seen)} without Allow`,
      fix: 'send Allow with every 405 (RFC 9110 15.5.6)',
    },
  ];
}

/** The forged name in any place where a browser or a cache would follow it. */
function notReflected(seen: Observation): Verdicts {
  const header = seen.rawHeaders.find((text, index) => index % 2 === 1 && text.includes(FOREIGN_HOST));
  const place = header ?? (seen.body.includes(FOREIGN_HOST) ? 'the body' : undefined);
  return place === undefined
    ? []
    : error(
        'a forged X-Forwarded-Host comes back in the answer',
        `${FOREIGN_HOST} in ${place.slice(0, 200)}`,
        'build links from the configured public origin, never from request headers',
      );
}

/** A page over plain http, handed out because the request claims to have come over https. */
function schemeNotBelieved(seen: Observation): Verdicts {
  const url = URL.canParse(seen.url) ? new URL(seen.url) : undefined;
  const loopback = url !== undefined && /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname);
  if (url?.protocol !== 'http:' || loopback || seen.status >= 300) return [];
  return error(
    'X-Forwarded-Proto is believed from anyone',
    `${answer(seen)} over plain http`,
    'believe forwarding headers only from the addresses of your own proxies: proxy.trusted',
  );
}

/** Rules about the reading of requests. Targets are to be sent byte for byte, not through a URL parser. */
export const firewallRules: readonly Rule[] = [
  {
    id: 'firewall.method-trace',
    title: 'TRACE is refused',
    asvs: ['v5.0.0-13.4.4'],
    probe: { method: 'TRACE', target: '', headers: {} },
    check: methodRefused,
  },
  {
    id: 'firewall.method-unused',
    title: 'Methods that nobody serves are refused, with Allow',
    asvs: ['v5.0.0-4.1.4'],
    probe: { method: 'PROPFIND', target: '', headers: {} },
    check: methodRefused,
  },
  {
    id: 'firewall.method-override',
    title: 'No header changes the method behind the rules',
    asvs: ['v5.0.0-4.1.4'],
    probe: get('', { 'x-http-method-override': 'DELETE' }),
    check: refused('a header that changes the method'),
  },
  {
    id: 'firewall.host',
    title: 'A Host that is not ours is refused',
    asvs: [],
    probe: get('', { host: FOREIGN_HOST }),
    check: refused('a foreign Host', 'answer only for the hosts you serve, with and without the port'),
  },
  {
    id: 'firewall.forwarded-host',
    title: 'A forged X-Forwarded-Host reaches no link',
    asvs: ['v5.0.0-4.1.3'],
    probe: get('', { 'x-forwarded-host': FOREIGN_HOST }),
    check: notReflected,
  },
  {
    id: 'firewall.forwarded-proto',
    title: 'A forged X-Forwarded-Proto does not pass for https',
    asvs: ['v5.0.0-4.1.3'],
    probe: get('', { 'x-forwarded-proto': 'https' }),
    check: schemeNotBelieved,
  },
  {
    id: 'firewall.dot-segments',
    title: 'Encoded dot segments are refused',
    asvs: ['v5.0.0-1.1.1'],
    probe: get('/%2e%2e/%2e%2e/etc/passwd'),
    check: refused('a path with encoded dot segments'),
  },
  {
    id: 'firewall.encoded-slash',
    title: 'Encoded slashes in a path are refused',
    asvs: ['v5.0.0-1.1.1'],
    probe: get('/..%2f..%2fetc%2fpasswd'),
    check: refused('a path with encoded slashes'),
  },
  {
    id: 'firewall.double-encoding',
    title: 'Paths that decode twice are refused',
    asvs: ['v5.0.0-1.1.1'],
    probe: get('/%252e%252e/%252e%252e/etc/passwd'),
    check: refused('a path encoded twice'),
  },
  {
    id: 'firewall.nul',
    title: 'NUL in a path is refused',
    asvs: [],
    probe: get('/index.html%00.png'),
    check: refused('a path with NUL'),
  },
  {
    id: 'firewall.h2c',
    title: 'Nobody tunnels past the proxy by an upgrade to h2c',
    asvs: ['v5.0.0-4.2.1'],
    probe: get('', {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAAP__',
    }),
    check: (seen) => (seen.status === 101 ? error('an upgrade to h2c was accepted', answer(seen), FIX) : []),
  },
];
