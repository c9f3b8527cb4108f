/** Policies to begin with. A test reads each of them. */
export const EXAMPLES: readonly { readonly name: string; readonly policy: string }[] = [
  {
    name: 'the first hour',
    policy: `import { definePolicy } from 'bulwark';

export default definePolicy({
  origin: 'https://files.example.com',
  routes: {
    // A visitor who asks for /notes/1 is asked to sign in.
    '/notes/**': { require: 'signed-in' },
    '/admin/**': { require: { role: 'operator' } },
    'POST /login': { limit: '5/minute', by: ['client', 'account'] },
  },
});
`,
  },
  {
    name: 'a page with pictures and a frame of others',
    policy: `export default definePolicy({
  origin: 'https://files.example.com',
  csp: { directives: { 'img-src': ["'self'", 'https://img.example'] } },
  routes: {
    '/map': { csp: { 'frame-src': ['https://maps.example'] } },
  },
});
`,
  },
  {
    name: 'a partner reads the API (CORS)',
    policy: `export default definePolicy({
  origin: 'https://files.example.com',
  cors: { origins: ['https://partner.example'] },
  routes: {
    '/api/**': { cors: { methods: ['GET', 'POST'] } },
  },
});
`,
  },
  {
    name: 'behind a proxy, which says who asks',
    policy: `export default definePolicy({
  origin: 'https://files.example.com',
  // A request of this page comes from 192.0.2.1. Add "X-Forwarded-For: 203.0.113.7", and see who is told to the log.
  proxy: { trusted: ['192.0.2.0/24'] },
  routes: { '/notes/**': { require: 'signed-in' } },
});
`,
  },
  {
    name: 'mistakes, and what is said of them',
    policy: `export default definePolicy({
  origin: 'http://files.example.com',
  sesion: { idle: '30m' },
  session: { idle: '0s' },
  trustProxy: true,
  csp: { directives: { 'script-src': ["'unsafe-inline'"] } },
  routes: { 'POST /login': { limit: '5/minut' } },
});
`,
  },
];
