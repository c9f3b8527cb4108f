export default {
  access: { frameworks: ['nuxt'], signIn: '/sign-in' },
  csp: { built: '.output/public' },
  routes: { '/account': { require: 'signed-in' } },
};
