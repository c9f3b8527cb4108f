import { createFileRoute, useNavigate } from '@tanstack/react-router';
import { createServerFn } from '@tanstack/react-start';
import { current } from 'bulwark/current';

const signIn = createServerFn({ method: 'POST' })
  .validator((form) => String(form.get('account')))
  .handler(async ({ data }) => {
    // An application asks for a password here.
    await current().session.signIn({ account: data, roles: [] });
  });

export const Route = createFileRoute('/sign-in')({ component: SignIn });

function SignIn() {
  const navigate = useNavigate();
  const submit = async (event) => {
    event.preventDefault();
    await signIn({ data: new FormData(event.currentTarget) });
    await navigate({ to: '/account' });
  };
  return (
    <form method="post" onSubmit={submit}>
      <input name="account" />
      <button>Sign in</button>
    </form>
  );
}
