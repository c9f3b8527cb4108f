import { signIn } from './sign-in.js';

export default function Page() {
  return (
    <form action={signIn}>
      <input name="account" />
      <button>Sign in</button>
    </form>
  );
}
