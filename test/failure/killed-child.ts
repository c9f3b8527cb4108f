/** The process that `killed.test.ts` kills: a site on SQLite, in the directory it is given. Prints its port. */
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { nodeHost } from '../hosts/hosts.ts';
import { UNLIMITED } from './support.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('which directory?');
const { port } = await nodeHost({ state: sqlite(directory), rateLimit: UNLIMITED });
process.stdout.write(`${port}\n`);
