/** Wildcards under which anybody can have a host: `*.com` lets in as much as `*` does. */

/** Words that countries register names under: `co.uk`, `com.au`, `gov.br`, `or.jp`. */
const UNDER_COUNTRIES = new Set([
  'ac', 'asn', 'biz', 'co', 'com', 'edu', 'firm', 'gen', 'go', 'gob', 'gouv', 'gov', 'govt', 'gv', 'id', 'idv', 'ind',
  'inf', 'info', 'lg', 'ltd', 'me', 'mil', 'mod', 'name', 'ne', 'net', 'nhs', 'nom', 'nic', 'or', 'org', 'plc', 'press',
  'pro', 'res', 'sch', 'school', 'store', 'tm', 'web',
]); // prettier-ignore

/** Services that give everybody a name below theirs, and most of what is hosted there is somebody else's. */
const HOSTERS = new Set([
  'amazonaws.com', 'appspot.com', 'awsapprunner.com', 'azureedge.net', 'azurestaticapps.net', 'azurewebsites.net',
  'blob.core.windows.net', 'blogspot.com', 'cloudapp.net', 'cloudfront.net', 'codesandbox.io', 'core.windows.net', 'deno.dev',
  'digitaloceanspaces.com', 'duckdns.org', 'elasticbeanstalk.com', 'firebaseapp.com', 'fly.dev', 'github.io', 'gitlab.io',
  'glitch.me', 'googleapis.com', 'googleusercontent.com', 'herokuapp.com', 'hf.space', 'myshopify.com', 'netlify.app',
  'ngrok-free.app', 'ngrok.io', 'nip.io', 'now.sh', 'on.aws', 'onrender.com', 'ondigitalocean.app', 'pages.dev', 'r2.dev',
  'railway.app', 'up.railway.app', 'repl.co', 'replit.app', 'replit.dev', 'run.app', 'a.run.app', 'sslip.io', 'stackblitz.io', 'storage.googleapis.com',
  'surge.sh', 'translate.goog', 'trycloudflare.com', 'vercel.app', 'web.app', 'windows.net', 'wordpress.com', 'workers.dev',
]); // prettier-ignore

/**
 * Whether a host source has a wildcard right below a name where anybody can have one: a top-level domain, a country's
 * `co` or `com`, or a service that hosts everybody. No list of those is ever whole (publicsuffix.org has ten thousand and
 * changes each week): what is not here is not said to be safe.
 */
export function isOpenToAll(source: string): boolean {
  const host = WILDCARD.exec(source)?.[1]?.toLowerCase();
  if (host === undefined) return false;
  const labels = host.split('.');
  if (labels.length === 1 || HOSTERS.has(host)) return true;
  const [word = '', country = ''] = labels;
  if (labels.length === 2) return country.length === 2 && UNDER_COUNTRIES.has(word);
  // One region or bucket of a service is as open as the service.
  return AWS.test(host);
}

const WILDCARD = /^(?:[a-z][a-z0-9+.-]*:\/\/)?\*\.([^:/]+)/i;
const AWS = /(?:^|\.)(?:amazonaws\.com|amazonaws\.com\.cn|elasticbeanstalk\.com)$/;
