import { createFileRoute } from '@tanstack/react-router';
import { createServerFn } from '@tanstack/react-start';

const fail = createServerFn().handler(() => {
  throw new Error('the database password is hunter2');
});

export const Route = createFileRoute('/wrong')({ loader: () => fail(), component: () => <p>never</p> });
