/** The policy of Strongroom: everything that is not said here is at its secure default (docs/manual/defaults.md). */
import { join } from 'node:path';
import { definePolicy, type PolicyOptions } from 'bulwark';
import { contentScan } from 'bulwark/content';
import { FILE_TYPES } from './file-types.ts';
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
  // For accounts with the role, and a second factor. What it searches is a file: where the records are in a database elsewhere, as in
  // deploy/compose.yaml, this process has no place to write.
  ...(settings.databaseUrl === undefined && {
    console: { base: '/admin', index: join(settings.data, 'console.db') },
  }),
  files: {
    bytes: join(settings.data, 'files'),
    // On a laptop nobody names a secret, and one that is made up is gone with the process: no file would open again.
    encrypt: environment === 'production',
    scan: contentScan(),
  },
  routes: {
    // Where the records do not answer, the page that says so is ours too.
    '/': { require: 'anyone', ownErrors: true },
    '/notes/**': { require: 'signed-in', ownErrors: true },
    '/files/**': { require: 'signed-in', ownErrors: true },
    'POST /files': {
      upload: { types: [...FILE_TYPES], size: '20MB', files: 20, total: '100MB', store: true },
    },
    // The same one by one, over as many requests as their line needs.
    '/uploads/**': {
      require: 'signed-in',
      upload: { types: [...FILE_TYPES], size: '20MB', store: 'resumable' },
    },
    // Whoever guesses addresses finds out who has an account: not many.
    'POST /files/:id/share': { limit: '30/hour' },
    // Whoever has a link may use it: it is signed, and ends.
    '/shared/**': { require: 'anyone', ownErrors: true },
    '/api/me': { require: 'signed-in' },
    // Probes reach the process directly, behind whatever ends TLS.
    '/healthz': { require: 'anyone', insecureHttp: true },
    // For everyone, and said so: `bulwark routes` then finds what was forgotten.
    '/static/**': { require: 'anyone' },
  },
});

export default policy;
