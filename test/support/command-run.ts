/** Runs the command `bulwark` within a test, on a terminal or not. */
import { Writable } from 'node:stream';
import { run } from '../../src/cli/main.ts';

/** What came of it. */
export interface CommandRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs it with these arguments. @param isTTY - whether its streams are a terminal */
export async function runCommand(argv: readonly string[], isTTY = false): Promise<CommandRun> {
  const texts = { out: '', err: '' };
  const stream = (name: 'out' | 'err'): Writable & { isTTY: boolean } =>
    Object.assign(
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          texts[name] += chunk.toString();
          done();
        },
      }),
      { isTTY },
    );
  const code = await run(argv, { out: stream('out'), err: stream('err') });
  return { code, ...texts };
}
