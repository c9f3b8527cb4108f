/** What the library takes for granted of Node.js everywhere: the build puts it where the name stands. */
const nothing = (): void => undefined;

/** No environment, no arguments, no files: what asks for one of them is told that it is not there. */
export const process = {
  env: {},
  argv: [],
  execArgv: [],
  pid: 1,
  platform: 'browser',
  versions: { node: '24.21.0' },
  cwd: (): string => '/',
  emitWarning: nothing,
  on: nothing,
  once: nothing,
  off: nothing,
  nextTick: (run: () => void): void => queueMicrotask(run),
  hrtime: { bigint: (): bigint => BigInt(Math.round(performance.now() * 1e6)) },
  stdout: { write: (): boolean => true },
  stderr: { write: (): boolean => true },
  getBuiltinModule: nothing,
};

/** As Node.js gives timers back: browsers clear them by the number that they are read as. */
class Timer {
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  [Symbol.toPrimitive](): number {
    return this.#id;
  }
}

export const setTimeout = (run: () => void, milliseconds?: number): Timer =>
  new Timer(window.setTimeout(run, milliseconds));

export const setInterval = (run: () => void, milliseconds?: number): Timer =>
  new Timer(window.setInterval(run, milliseconds));
