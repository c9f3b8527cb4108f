/** Reads one tree with every rule, in a process of its own. */
import { checkSource } from '../../src/check/source/check-source.ts';

const { counts, files } = await checkSource(process.argv[2] ?? '.');
console.log(JSON.stringify({ files, counts }));
