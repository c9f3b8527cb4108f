import { setTimeout as sleep } from 'node:timers/promises';
import { Suspense } from 'react';
import { Await, useLoaderData } from 'react-router';

export function loader() {
  return { late: sleep(200, 'late') };
}

export default function Late() {
  const { late } = useLoaderData();
  return (
    <Suspense fallback={<p>waiting</p>}>
      <Await resolve={late}>{(text) => <p id="late">{text}</p>}</Await>
    </Suspense>
  );
}
