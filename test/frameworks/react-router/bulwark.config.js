export default {
  access: { frameworks: ['react-router'], signIn: '/sign-in' },
  routes: {
    '/account': { require: 'signed-in' },
    // The pages and errors of the router itself, which hides texts and stacks in production.
    '/**': { ownErrors: true },
  },
};
