export default {
  access: { frameworks: ['astro'], signIn: '/sign-in' },
  csp: { built: 'dist/client' },
  routes: { '/account': { require: 'signed-in' }, '/swapped/**': { csp: { trustedTypes: false } } },
};
