export default {
  access: { frameworks: ['sveltekit'], signIn: '/sign-in' },
  csp: {
    // The one style attribute of SvelteKit's own: it hides the line that tells screen readers of a new page.
    directives: {
      'style-src-attr': ["'unsafe-hashes'", "'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='"],
    },
  },
  routes: {
    '/account': { require: 'signed-in' },
    // The error pages of SvelteKit itself, which say nothing of what was thrown.
    '/**': { ownErrors: true },
  },
};
