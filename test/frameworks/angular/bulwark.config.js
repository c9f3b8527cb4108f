export default {
  access: { signIn: '/sign-in' },
  csp: { built: 'dist/browser', directives: { 'base-uri': ["'self'"] } },
  routes: { '/account': { require: 'signed-in' } },
};
