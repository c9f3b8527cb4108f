import { createFileRoute, redirect } from '@tanstack/react-router';
import { createServerFn } from '@tanstack/react-start';
import { current } from 'bulwark/current';

// A function has an address of its own: the rule of the page is not asked where it is called.
const who = createServerFn().handler(() => {
  const { principal } = current();
  if (principal === undefined) throw redirect({ to: '/sign-in' });
  return principal.account;
});

export const Route = createFileRoute('/account')({ loader: () => who(), component: Account });

function Account() {
  return <p id="who">{Route.useLoaderData()}</p>;
}
