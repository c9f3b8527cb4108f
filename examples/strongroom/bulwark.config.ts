/** The policy of Strongroom: everything that is not said here is at its secure default (docs/manual/defaults.md). */
import { definePolicy, type PolicyOptions } from 'bulwark';
import { accountRoutes } from 'bulwark/account-pages';
import { readSettings } from './settings.ts';
import { openState } from './state.ts';

const settings = readSettings(process.env);
const { origin, trustedProxies } = settings;

const policy: PolicyOptions = definePolicy({
  ...(origin !== undefined && { origin }),
  // `npm start` on a laptop is development; a server says NODE_ENV=production and is held to all of it.
  environment: process.env.NODE_ENV === 'production' ? 'production' : 'development',
  state: await openState(settings),
  proxy: { trusted: trustedProxies },
  access: { signIn: '/login', stepUp: '/login/again' },
  routes: {
    // Signing in, registering, one's account: each with its limits.
    ...accountRoutes,
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
