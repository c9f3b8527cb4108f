/** `npm start`: Strongroom on this machine. */
import { PolicyError } from 'bulwark';
import { NO_SMTP } from './mail.ts';
import { type Running, startServer } from './server.ts';
import { readSettings, type Settings } from './settings.ts';

/**
 * How long closing may take in all, in milliseconds: a store that hangs must not keep the process until its supervisor
 * kills it, which looks like a crash. Below the 15 s of `deploy/compose.yaml` and `deploy/strongroom.service`.
 */
const CLOSE_MS = 10_000;

/** Noted before anything else: whoever started us may be gone by the time we are ready. */
const PARENT = process.ppid;

let settings: Settings | undefined;
try {
  settings = readSettings(process.env);
  // Imported here, so that what it refuses is shown as a sentence and not as a stack.
  const { default: policy } = await import('./bulwark.config.ts');
  const running = await startServer(policy, settings);
  // Before anyone is told: whoever reads that it is ready may tell it to close right then.
  closeOnSignal(running);
  const where = settings.databaseUrl === undefined ? settings.data : 'PostgreSQL';
  const sessions = settings.redisUrl === undefined ? '' : ', sessions in Redis';
  console.log(`Strongroom is ready at ${running.url} (data in ${where}${sessions}, Ctrl+C stops it)`);
} catch (error) {
  console.error(explain(error, settings));
  process.exitCode = 1;
}

function closeOnSignal(running: Running): void {
  const close = (): void => {
    // A second signal must be able to end what hangs: from here on it has its own effect again.
    process.off('SIGINT', close).off('SIGTERM', close);
    setTimeout(() => {
      console.error(
        `Strongroom could not close everything within ${CLOSE_MS / 1000} seconds, and ends as it is.`,
      );
      process.exit(1);
    }, CLOSE_MS).unref();
    running.close().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  };
  process.on('SIGINT', close).on('SIGTERM', close);
  if (process.env.npm_lifecycle_event !== undefined) closeWithoutParent(close);
}

/**
 * npm hands SIGTERM on to the shell between it and us, which ends by it and hands on nothing: this process would stay, and
 * keep its port.
 */
function closeWithoutParent(close: () => void): void {
  const watch = setInterval(() => {
    if (process.ppid === PARENT) return;
    clearInterval(watch);
    close();
  }, 100).unref();
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
  if (error instanceof PolicyError && error.problems.some(({ option }) => option === 'accounts.mail')) {
    return `${error.message}\n${NO_SMTP}`;
  }
  return error.name === 'PolicyError' || error.name === 'SettingsError' ? error.message : error;
}
