import { setTimeout as sleep } from 'node:timers/promises';
import { Suspense } from 'react';

async function Late() {
  await sleep(200);
  return <p id="late">late</p>;
}

export default function Page() {
  return (
    <Suspense fallback={<p>waiting</p>}>
      <Late />
    </Suspense>
  );
}
