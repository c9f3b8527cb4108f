/** The applications of the tests, and what is wrong with them by their answer keys. */
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plantKeys } from '../../test/support/planted-keys.ts';

/** A place in one of them. */
export interface Planted {
  readonly application: string;
  readonly rule: string;
  readonly file: string;
  readonly line: number;
}

const ROOT = join(import.meta.dirname, '../..');
const MARK = /(?:\/\/|<%#) wrong(?<below> below)?: (?<rules>[a-z. -]+)(?: %>)?/;

/** Writes them below a folder, without their keys and marks, which would help whoever reads names. */
export function plant(folder: string): readonly Planted[] {
  return [
    ...keyedOnes('test/check/source', folder),
    ...keyedOnes('test/check/deployments', folder),
    ...javascriptOnes(folder),
    ...plantKeys(folder),
  ];
}

function keyedOnes(where: string, folder: string): readonly Planted[] {
  const from = join(ROOT, where);
  const keys = globSync('*/key.txt', { cwd: from });
  return keys.flatMap((key) => {
    const application = key.split('/')[0] ?? key;
    cpSync(join(from, application), join(folder, application), {
      recursive: true,
      filter: (path) => !path.endsWith('key.txt'),
    });
    const lines = readFileSync(join(from, key), 'utf8').split('\n');
    return lines.flatMap((one) => {
      const [, rule = '', place = ''] = one.split(' ');
      const [file = '', line = ''] = place.split(':');
      // A file that is broken on purpose is no fault of the application.
      return one.startsWith('#') || rule === '' || rule === 'source.scanned'
        ? []
        : [{ application, rule, file, line: Number(line) }];
    });
  });
}

function javascriptOnes(folder: string): readonly Planted[] {
  const from = join(ROOT, 'test/check/applications');
  return readdirSync(from).flatMap((application) =>
    globSync('**/*', { cwd: join(from, application), withFileTypes: true }).flatMap((entry) => {
      if (!entry.isFile()) return [];
      const path = join(entry.parentPath, entry.name);
      const file = path.slice(join(from, application).length + 1);
      const lines = readFileSync(path, 'utf8').split('\n');
      const target = join(folder, application, file);
      mkdirSync(join(target, '..'), { recursive: true });
      writeFileSync(target, lines.map((line) => line.replace(MARK, '')).join('\n'));
      // JSON has no comments to mark it in: neither of them has a lock.
      const at = lines.findIndex((text) => text.includes('"dependencies"'));
      if (file === 'package.json' && application.startsWith('careless') && at >= 0)
        return [{ application, rule: 'deps.lock', file, line: at + 1 }];
      return lines.flatMap((text, index) => {
        const { below, rules = '' } = MARK.exec(text)?.groups ?? {};
        const line = index + (below === undefined ? 1 : 2);
        return rules
          .trim()
          .split(' ')
          .flatMap((rule) => (rule === '' ? [] : [{ application, rule, file, line }]));
      });
    }),
  );
}
