import { createFileRoute } from '@tanstack/react-router';
import { createServerFn } from '@tanstack/react-start';
import { current } from 'bulwark/current';
import { permissions } from '../permissions.server.js';

const figures = createServerFn().handler(() => {
  permissions.require(current(), 'figures:see');
  return 42;
});

export const Route = createFileRoute('/operators')({
  loader: () => figures(),
  component: () => <p>never</p>,
});
