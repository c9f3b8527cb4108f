/** Where a package stays: each place that is understood all the same, as its lines would be, for whoever moves them by hand. */
import { applyEdits, type Edit, inOrder } from '../fix/edit.ts';
import { MaskedLines } from '../fix/masked-lines.ts';
import type { Moved } from './moved.ts';
import type { ModuleFacts } from './read-module.ts';

/** More than these nobody copies from a terminal. */
const MOST = 20;
const MOST_LINES = 4;

/** Lines of a file that edits stand in, from the beginning of the first to the end of the last. */
interface Span {
  readonly from: number;
  to: number;
  readonly edits: Edit[];
}

/** Says them behind what was left already. */
export function sayPlaces(moved: Moved): void {
  let left = MOST;
  for (const [module, edits] of moved.wouldBe) {
    const masked = new MaskedLines(module.text);
    for (const { from, to, edits: own } of spansOf(module, edits)) {
      const asked = own.find(({ text }) => text.includes('bulwark.of('));
      if (asked === undefined) continue;
      if (left === 0) return;
      left -= 1;
      const shifted = own.map((edit) => ({ from: edit.from - from, to: edit.to - from, text: edit.text }));
      const lines = (applyEdits(module.text.slice(from, to), shifted) ?? '')
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '')
        .map((line) => masked.shown(line).trim());
      moved.leave(module, asked, ...lines.slice(0, MOST_LINES));
    }
  }
}

function spansOf({ text }: ModuleFacts, edits: readonly Edit[]): readonly Span[] {
  const spans: Span[] = [];
  for (const edit of inOrder(edits)) {
    const from = text.lastIndexOf('\n', edit.from - 1) + 1;
    const end = text.indexOf('\n', edit.to);
    const to = end === -1 ? text.length : end;
    const last = spans.at(-1);
    if (last === undefined || last.to < from) spans.push({ from, to, edits: [edit] });
    else {
      last.edits.push(edit);
      last.to = Math.max(last.to, to);
    }
  }
  return spans;
}
