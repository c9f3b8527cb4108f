import type { PolicyOptions } from 'bulwark';

export const policy: PolicyOptions = {
  access: { signIn: '/sign-in' },
  routes: { '/account': { require: 'signed-in' } },
};
