/** The policy of Strongroom: everything that is not said here is at its secure default (docs/manual/defaults.md). */
import { definePolicy, type PolicyOptions } from 'bulwark';
import { openMail } from './mail.ts';
import { readSettings } from './settings.ts';
import { openState } from './state.ts';

const settings = readSettings(process.env);
const { origin, trustedProxies } = settings;
// `npm start` on a laptop is development; a server says NODE_ENV=production and is held to all of it.
const environment = process.env.NODE_ENV === 'production' ? 'production' : 'development';
const mail = await openMail(settings);

const policy: PolicyOptions = definePolicy({
  ...(origin !== undefined && { origin }),
  environment,
  state: await openState(settings),
  proxy: { trusted: trustedProxies },
  // Signing in, registering, one's account: pages, rules and limits come with it.
  accounts: { name: 'Strongroom', roles: ['client'], ...(mail !== undefined && { mail }) },
  accountPages: { home: '/notes' },
  routes: {
    // Where the records do not answer, the page that says so is ours too.
    '/': { require: 'anyone', ownErrors: true },
    '/notes/**': { require: 'signed-in', ownErrors: true },
    '/api/me': { require: 'signed-in' },
    // Probes reach the process directly, behind whatever ends TLS.
    '/healthz': { require: 'anyone', insecureHttp: true },
    // For everyone, and said so: `bulwark routes` then finds what was forgotten.
    '/static/**': { require: 'anyone' },
  },
});

export default policy;
