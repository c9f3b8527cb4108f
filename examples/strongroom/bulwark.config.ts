/** The policy of Strongroom: everything that is not said here is at its secure default (docs/manual/defaults.md). */
import { definePolicy, type PolicyOptions } from 'bulwark';
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
  access: { signIn: '/login' },
  routes: {
    // By account as well: many addresses that guess one person's password add up.
    // When too many sign in at once the page that says so is ours: it names the wait, and keeps the way back.
    'POST /login': { limit: '5/minute', by: ['client', 'account'], ownErrors: true },
    // Each costs a password hash, and makes a row that stays.
    'POST /register': { limit: '60/hour', by: ['client'], ownErrors: true },
    // Where the records do not answer, the page that says so is ours too.
    '/': { require: 'anyone', ownErrors: true },
    '/notes/**': { require: 'signed-in', ownErrors: true },
    '/account/**': { require: 'signed-in', ownErrors: true },
    '/api/me': { require: 'signed-in' },
    // Probes reach the process directly, behind whatever ends TLS.
    '/healthz': { require: 'anyone', insecureHttp: true },
    // For everyone, and said so: `bulwark routes` then finds what was forgotten.
    '/static/**': { require: 'anyone' },
    '/login': { require: 'anyone' },
    '/register': { require: 'anyone' },
    '/registered': { require: 'anyone' },
    '/logout': { require: 'anyone' },
    '/signed-out': { require: 'anyone' },
  },
});

export default policy;
