/** The store in files of `test/made-up`, as an engine of this tree: what whoever adds one writes, and where. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Change } from './made-up.ts';

/** As somebody else writes it, by the public names; here the same are had from where they are. */
const ENGINE = readFileSync(join(import.meta.dirname, '../made-up/file-store.ts'), 'utf8').replace(
  "import { BulwarkError, type State } from 'bulwark';",
  "import { BulwarkError } from '../../core/errors.ts';\nimport type { State } from '../ports/state.ts';",
);

export const STORE: Change = {
  files: {
    'src/stores/files/state.ts': ENGINE,
    'src/stores/files/files.test.ts': `
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { storeConformance } from '../../testing/conformance.ts';
import { files } from './state.ts';

const directory = mkdtempSync(join(tmpdir(), 'bulwark-files-'));
let made = 0;
after(() => rmSync(directory, { recursive: true, force: true }));

storeConformance('files', () => {
  made += 1;
  return files(join(directory, String(made)));
});
`,
  },
  lines: {
    'package.json': [
      [
        '  "exports": {',
        `    "./files": {
      "bulwark-source": "./src/stores/files/state.ts",
      "types": "./dist/stores/files/state.d.ts",
      "default": "./dist/stores/files/state.js"
    },`,
      ],
    ],
  },
};
