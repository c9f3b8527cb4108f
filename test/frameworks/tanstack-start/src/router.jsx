import { createRouter } from '@tanstack/react-router';
import { createIsomorphicFn } from '@tanstack/react-start';
import { current } from 'bulwark/current';
import { routeTree } from './routeTree.gen';

const nonceOfPage = createIsomorphicFn().server(() => current().nonce);

export function getRouter() {
  return createRouter({ routeTree, ssr: { nonce: nonceOfPage() } });
}
