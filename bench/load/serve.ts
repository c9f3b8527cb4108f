/** One stack as a process of its own, which tells what CPU time it has used: `serve.ts STACK STORE [REDIS-URL]`. */
import { LOAD_LIMIT } from '../stacks/application.ts';
import { stackNamed } from '../stacks/all.ts';
import type { StoreName } from '../stacks/stack.ts';
import { startProfiler } from './profiler.ts';
import type { FromServer, ToServer } from './server-process.ts';

const [name = '', store = 'memory', redisUrl] = process.argv.slice(2);
const { port } = await stackNamed(name).start({
  limit: LOAD_LIMIT,
  store: store as StoreName,
  redisUrl,
});
let stopProfiler: Awaited<ReturnType<typeof startProfiler>> | undefined;
process.on('message', (message) => void answer(message as ToServer));
// Whoever started it is gone: nobody is left to stop it.
process.on('disconnect', () => process.exit());
tell({ port });

async function answer(message: ToServer): Promise<void> {
  if (message === 'profile') stopProfiler = await startProfiler();
  const profile = message === 'profiled' ? await stopProfiler?.() : undefined;
  tell({ cpu: process.cpuUsage(), ...(profile !== undefined && { profile }) });
}

function tell(message: FromServer): void {
  process.send?.(message);
}
