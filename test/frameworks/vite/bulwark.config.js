export default {
  access: { signIn: '/sign-in' },
  routes: { '/account': { require: 'signed-in' } },
};
