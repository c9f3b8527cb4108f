/** What stands behind the proxies: nginx, which costs the least of the core that it shares with the load. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOAD_CORE } from '../load/cores.ts';
import { renderPage } from '../stacks/application.ts';
import { freePort, type Program, startProgram } from './processes.ts';
import { nginxConfig } from './proxies.ts';

/** Answers everything with the page of 2 KB. */
export async function startApplication(): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-bench-'));
  const port = await freePort();
  // From memory, head and body in one piece. A quote ends the text of a configuration.
  const page = renderPage({ account: 'ann', nonce: '', token: '' }).replaceAll("'", '');
  writeFileSync(
    join(folder, 'nginx.conf'),
    nginxConfig(
      folder,
      '',
      `  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { default_type 'text/html; charset=utf-8'; return 200 '${page}'; }
  }`,
    ),
  );
  const program = await startProgram('the application', port, LOAD_CORE, [
    'nginx',
    ...['-c', join(folder, 'nginx.conf'), '-p', folder],
  ]);
  return {
    ...program,
    stop: async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
