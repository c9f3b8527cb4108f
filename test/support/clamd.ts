/** A real clamd for tests, with signatures of their own and no others: nothing is fetched. */
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clamd, type Clamd } from '../../src/controls/uploads/antivirus/clamd.ts';
import { endProgram, freePort, startProgram } from './processes.ts';
import { until } from './until.ts';

/** The test file of the European Institute for Computer Antivirus Research, which scanners know and which does nothing. In parts, for scanners of this machine. */
export const EICAR: Buffer = Buffer.from(
  ['X5O!P%@AP[4', '\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
);
/** What the tests' own signature finds. */
export const MARKED: Buffer = Buffer.from('what the tests of Bulwark call a virus');

/** A clamd of a test's own. */
export class ClamdServer {
  readonly socket: string;
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
    this.socket = join(folder, 'clamd.ctl');
  }

  /** @param lines - of its configuration, beside what Debian's has */
  static async start(lines: readonly string[] = ['AlertExceedsMax yes']): Promise<ClamdServer> {
    const folder = await mkdtemp(join(tmpdir(), 'bulwark-clamd-'));
    const server = new ClamdServer(folder, await freePort());
    const own = [
      'Foreground yes',
      `LogFile ${folder}/clamd.log`,
      `DatabaseDirectory ${folder}`,
      `LocalSocket ${server.socket}`,
      `TCPSocket ${server.port}`,
      'TCPAddr 127.0.0.1',
      'StreamMaxLength 1M',
      'MaxFileSize 800K',
      'ReadTimeout 5',
    ];
    await writeFile(join(folder, 'clamd.conf'), [...own, ...lines, ''].join('\n'));
    const sum = createHash('md5').update(EICAR).digest('hex');
    await writeFile(join(folder, 'tests.hdb'), `${sum}:${EICAR.length}:Eicar-Test-File\n`);
    await server.again();
    return server;
  }

  /** Starts it, again or for the first time. Resolves when it answers. */
  async again(): Promise<void> {
    await rm(this.socket, { force: true });
    this.#child = await startProgram('clamd', ['-c', join(this.#folder, 'clamd.conf')], 'clamav-daemon');
    const asked = clamd({ socket: this.socket });
    await until('clamd answers', async () => (await asked.version()) !== undefined);
  }

  /** Adds the tests' own signature, and waits until it is in use. */
  async addSignature(scanner: Clamd): Promise<void> {
    const line = `Bulwark-Test:0:*:${MARKED.toString('hex')}\n`;
    await writeFile(join(this.#folder, 'tests.ndb'), line);
    this.#child?.kill('SIGUSR2');
    const file = { size: MARKED.length, type: 'text/plain', read: () => pieces(MARKED) };
    await until('the signature is in use', async () => (await scanner.scan(file)).verdict === 'refused');
  }

  /** Stops or continues its process: connections are taken by the system, and nobody answers. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.#child !== undefined) await endProgram(this.#child, 'SIGKILL');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
