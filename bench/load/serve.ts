/** One stack as a process of its own, which tells what CPU time it has used: `serve.ts STACK [REDIS-URL]`. */
import { LOAD_LIMIT } from '../stacks/application.ts';
import { stackNamed } from '../stacks/all.ts';
import type { FromServer } from './server-process.ts';

const [name = '', redisUrl] = process.argv.slice(2);
const { port } = await stackNamed(name).start({ limit: LOAD_LIMIT, redisUrl });
process.on('message', () => tell({ cpu: process.cpuUsage() }));
// Whoever started it is gone: nobody is left to stop it.
process.on('disconnect', () => process.exit());
tell({ port });

function tell(message: FromServer): void {
  process.send?.(message);
}
