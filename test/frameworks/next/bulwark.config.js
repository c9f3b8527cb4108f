export default {
  access: { frameworks: ['next'], serverFunctions: 'anyone', signIn: '/sign-in' },
  routes: { '/account': { require: 'signed-in' } },
};
