/** Runs the steps of a check side by side and shows each as it ends; the output of those that failed comes last. */
import { spawn } from 'node:child_process';
import { styleText } from 'node:util';

/** One command of a check, as a sentence a person reads. */
export interface Step {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Result {
  readonly step: Step;
  readonly code: number;
  readonly output: string;
}

/** Runs all steps, `lanes` at a time. Resolves to whether every one passed. */
export async function runSteps(steps: readonly Step[], lanes: number): Promise<boolean> {
  const waiting = [...steps];
  const results: Result[] = [];
  const lane = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const started = performance.now();
      const result = await runStep(step);
      results.push(result);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const mark = result.code === 0 ? styleText('green', 'ok  ') : styleText('red', 'FAIL');
      console.log(`${mark} ${step.name} (${seconds} s)`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  for (const { step, code, output } of results) {
    if (code !== 0)
      console.log(`\n--- ${step.name}: ${step.command.join(' ')} exited with ${code}\n${output}`);
  }
  return results.every((result) => result.code === 0);
}

function runStep(step: Step): Promise<Result> {
  const { promise, resolve } = Promise.withResolvers<Result>();
  const [program = '', ...args] = step.command;
  const child = spawn(program, args, { env: { ...process.env, ...step.env } });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  child.on('error', (error) => resolve({ step, code: 127, output: error.message }));
  child.on('close', (code) => resolve({ step, code: code ?? 1, output }));
  return promise;
}
