'use server';
import { current } from 'bulwark/current';
import { redirect } from 'next/navigation';

export async function signIn(form) {
  // An application asks for a password here.
  await current().session.signIn({ account: String(form.get('account')), roles: [] });
  redirect('/account');
}
