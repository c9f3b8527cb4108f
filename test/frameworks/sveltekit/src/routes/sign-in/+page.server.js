import { redirect } from '@sveltejs/kit';
import { current } from 'bulwark/current';

export const actions = {
  default: async ({ request }) => {
    // An application asks for a password here.
    const account = String((await request.formData()).get('account'));
    await current().session.signIn({ account, roles: [] });
    redirect(303, '/account');
  },
};
