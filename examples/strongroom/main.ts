/** `npm start`: Strongroom on this machine. */
import { type Running, startServer } from './server.ts';
import { readSettings, type Settings } from './settings.ts';

let settings: Settings | undefined;
try {
  settings = readSettings(process.env);
  // Imported here, so that what it refuses is shown as a sentence and not as a stack.
  const { default: policy } = await import('./bulwark.config.ts');
  const running = await startServer(policy, settings);
  const where = settings.databaseUrl === undefined ? settings.data : 'PostgreSQL';
  const sessions = settings.redisUrl === undefined ? '' : ', sessions in Redis';
  console.log(`Strongroom is ready at ${running.url} (data in ${where}${sessions}, Ctrl+C stops it)`);
  closeOnSignal(running);
} catch (error) {
  console.error(explain(error, settings));
  process.exitCode = 1;
}

function closeOnSignal(running: Running): void {
  const close = (): void => {
    // A second signal must be able to end what hangs: from here on it has its own effect again.
    process.off('SIGINT', close).off('SIGTERM', close);
    running.close().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  process.on('SIGINT', close).on('SIGTERM', close);
}

/** What went wrong, and what to type instead. Anything unforeseen keeps its stack. */
function explain(error: unknown, from: Settings | undefined): unknown {
  if (!(error instanceof Error)) return error;
  const code: unknown = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    const other = ((from?.port ?? 3000) % 65_535) + 1;
    return `Port ${from?.port} is in use by another program. Choose another one: PORT=${other} npm start`;
  }
  if (code === 'EACCES') {
    return `This user may not listen on port ${from?.port} or write to ${from?.data}. Try PORT=3000, or another STRONGROOM_DATA.`;
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return 'HOST is no address of this machine. Leave it out for 127.0.0.1, or write HOST=0.0.0.0 for all of them.';
  }
  if (code === 'ERR_BULWARK_STORE_DOWN') {
    return `${error.message} Check DATABASE_URL and REDIS_URL, and that the servers they name are running.`;
  }
  if (code === 'ERR_BULWARK_STORE') return error.message;
  return error.name === 'PolicyError' || error.name === 'SettingsError' ? error.message : error;
}
