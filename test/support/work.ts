/** Does in a test what a browser does with the script of proof of work: the script itself is what solves. */
import { pathToFileURL } from 'node:url';
import { proofOfWorkScriptFile } from '../../src/identity/proof-of-work/proof-of-work.ts';

/** What the script exports: it has no types, as browsers run it as it is. */
interface Script {
  readonly solve: (challenge: string, bits: number, puzzles: number) => Promise<string>;
}

const { solve } = (await import(pathToFileURL(proofOfWorkScriptFile).href)) as Script;

/** The proof of a challenge. */
export function doWork(work: {
  readonly challenge: string;
  readonly bits: number;
  readonly puzzles: number;
}): Promise<string> {
  return solve(work.challenge, work.bits, work.puzzles);
}

/** What a page gives to the script; undefined: nothing. */
export function workOn(page: string): { challenge: string; bits: number; puzzles: number } | undefined {
  const [, challenge = '', bits = '', puzzles = ''] =
    /data-proof-of-work="([^"]+)"\s+data-proof-of-work-bits="(\d+)"\s+data-proof-of-work-puzzles="(\d+)"/.exec(
      page,
    ) ?? [];
  return challenge === '' ? undefined : { challenge, bits: Number(bits), puzzles: Number(puzzles) };
}
