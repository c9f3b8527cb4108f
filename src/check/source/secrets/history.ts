/** The lines that commits added, out of what `git log -p` prints. */
import type { Repository } from './git.ts';

/** What one commit added to one file. */
export interface Added {
  readonly commit: string;
  readonly path: string;
  readonly text: string;
}

const COMMIT = 'commit:';
const MOST_TEXT = 1024 * 1024;

/** Goes through the history, newest first. Returns whether all of it was seen. */
export function eachAdded({ run, tips }: Repository, look: (added: Added) => void): boolean {
  const { text, cut } = run(
    [
      ...['-c', 'core.quotePath=false', '-c', 'diff.renames=false', '-c', 'log.showSignature=false'],
      ...['log', '-p', '-U0', '--no-color', '--no-ext-diff', '--no-textconv', '--no-renames', '--no-notes'],
      ...['--diff-merges=off', '--no-prefix', `--format=${COMMIT}%H`, '--stdin'],
    ],
    `${tips.join('\n')}\n`,
  );
  let [commit, path] = ['', ''];
  let lines: string[] = [];
  let size = 0;
  const flush = (): void => {
    if (lines.length > 0) look({ commit, path, text: lines.join('\n') });
    [lines, size] = [[], 0];
  };
  let inHead = true;
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end < 0 ? text.length : end);
    from = end < 0 ? text.length : end + 1;
    if (line.startsWith(COMMIT)) {
      flush();
      commit = line.slice(COMMIT.length);
    } else if (line.startsWith('diff --git ')) {
      flush();
      inHead = true;
    } else if (inHead && line.startsWith('+++ ')) {
      path = line.slice(4).replace(/^"(?<name>.*)"$|\t$/, '$<name>');
    } else if (line.startsWith('@@ ')) {
      inHead = false;
    } else if (!inHead && line.startsWith('+') && size < MOST_TEXT) {
      lines.push(line.slice(1));
      size += line.length;
    }
  }
  flush();
  return !cut;
}
