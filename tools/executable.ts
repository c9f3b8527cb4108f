/** Where the executable begins: it can load nothing beside itself, so that what a policy imports of this package is in it. */
import { embedOwnModules } from '../src/policy/own-package.ts';

embedOwnModules({
  bulwark: () => import('../src/index.ts'),
  'bulwark/memory': () => import('../src/stores/memory/state.ts'),
  'bulwark/sqlite': () => import('../src/stores/sqlite/state.ts'),
  'bulwark/redis': () => import('../src/stores/redis/state.ts'),
  'bulwark/postgres': () => import('../src/stores/postgres/state.ts'),
});
void import('../src/cli/bulwark.ts');
