export default {
  access: { frameworks: ['tanstack-start'], serverFunctions: 'anyone', signIn: '/sign-in' },
  routes: { '/account': { require: 'signed-in' } },
};
