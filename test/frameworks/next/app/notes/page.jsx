import { keep } from './keep.js';
import { notes } from './kept.js';

export default function Page() {
  return (
    <form action={keep}>
      <input name="note" />
      <button>Keep</button>
      <p id="note">{notes.at(-1)}</p>
    </form>
  );
}
