/** The application of `account-site.ts` in a process of its own, on the SQLite of a folder: says where it listens. */
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { startAccountSite } from '../support/account-site.ts';

const site = await startAccountSite(undefined, { state: sqlite(process.argv[2] ?? '') });
process.on('disconnect', () => process.exit());
process.send?.(site.url);
