/** When the last record of a file was written. */
import { openLog, readLines } from '../chain/read-lines.ts';

const TIME = /"time":"(\d{4}-[\d:.TZ-]{6,24})"/;
const LOOK_BYTES = 200;

/** ISO 8601, UTC; where there is no record the end of time, so that nobody takes such a file for an old one. */
export async function lastTime(path: string): Promise<string> {
  let last = '';
  await readLines(openLog(path), (line) => {
    const time = TIME.exec(line.toString('latin1', 0, LOOK_BYTES))?.[1];
    if (time !== undefined && time > last) last = time;
  });
  return last === '' ? '9' : last;
}
