/** Where a long run stands: on standard error, so that what is printed can be piped on. */

/** Says how far a part is, and how long the rest will take. */
export class Progress {
  readonly #what: string;
  readonly #started: number = performance.now();
  #last = -1;

  constructor(what: string) {
    this.#what = what;
  }

  /** A terminal sees one line that changes, a file a line at every tenth. */
  report(done: number, of: number): void {
    const spent = (performance.now() - this.#started) / 1000;
    const left = done === 0 ? '' : `, ${Math.ceil((spent / done) * (of - done))} s left`;
    const text = `${this.#what}: ${done} of ${of}${done === of ? ` in ${Math.round(spent)} s` : left}`;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\u001b[K${text}${done === of ? '\n' : ''}`);
      return;
    }
    const tenth = Math.floor((done / of) * 10);
    if (tenth !== this.#last) console.error(text);
    this.#last = tenth;
  }
}
