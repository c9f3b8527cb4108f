/** One of several processes of the test application: tells its port, and ends with its parent. */
import { memory } from '../../src/stores/memory/state.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { nodeHost } from '../hosts/hosts.ts';

const [directory] = process.argv.slice(2);
const { port } = await nodeHost({ state: directory === undefined ? memory() : sqlite(directory) });
console.log(port);
process.stdin.resume().on('close', () => process.exit());
