import { current } from 'bulwark/current';
import { Form, redirect } from 'react-router';

export async function action({ request }) {
  // An application asks for a password here.
  const account = String((await request.formData()).get('account'));
  await current().session.signIn({ account, roles: [] });
  return redirect('/account');
}

export default function SignIn() {
  return (
    <Form method="post">
      <input name="account" />
      <button>Sign in</button>
    </Form>
  );
}
