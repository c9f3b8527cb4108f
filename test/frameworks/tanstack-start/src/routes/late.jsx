import { Suspense } from 'react';
import { Await, createFileRoute } from '@tanstack/react-router';
import { createServerFn } from '@tanstack/react-start';

const late = createServerFn().handler(async () => {
  await new Promise((resolve) => setTimeout(resolve, 200));
  return 'late';
});

export const Route = createFileRoute('/late')({ loader: () => ({ late: late() }), component: Late });

function Late() {
  const { late } = Route.useLoaderData();
  return (
    <Suspense fallback={<p>waiting</p>}>
      <Await promise={late}>{(text) => <p id="late">{text}</p>}</Await>
    </Suspense>
  );
}
