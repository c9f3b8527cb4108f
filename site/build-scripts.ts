/** The scripts of the site, put together for browsers. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const CLIENT = join(import.meta.dirname, 'client');
const SHIMS = join(CLIENT, 'node');

/**
 * Of Node.js, what the layer needs to judge a request. What it imports beside that is missing there, and fails where it is used and
 * not before: a file, a worker, a cipher.
 */
const NODE = /^node:(.+)$/;

/** Names that stand everywhere there. */
const GLOBALS: Readonly<Record<string, [file: string, name: string]>> = {
  Buffer: [join(SHIMS, 'buffer.ts'), 'Buffer'],
  process: [join(SHIMS, 'globals.ts'), 'process'],
  setTimeout: [join(SHIMS, 'globals.ts'), 'setTimeout'],
  setInterval: [join(SHIMS, 'globals.ts'), 'setInterval'],
};

const NOTHING = '\0nothing-of-node';

const NOT_ASKED_FOR = /\.check\.ts$|node_modules[/\\]ajv/;

/** Each script in one file, by its name. */
export async function buildScripts(): Promise<readonly (readonly [name: string, content: Buffer])[]> {
  const names = ['site', 'playground'];
  return await Promise.all(
    names.map(async (name) => [`${name}.js`, await bundle(join(CLIENT, `${name}.ts`))] as const),
  );
}

async function bundle(input: string): Promise<Buffer> {
  const build = await rolldown({
    input,
    platform: 'browser',
    shimMissingExports: true,
    onLog: (level, log, tell) => {
      if (log.code !== 'SHIMMED_EXPORT') tell(level, log);
    },
    transform: { inject: GLOBALS },
    resolve: { conditionNames: ['bulwark-source', 'browser', 'import', 'default'] },
    plugins: [
      {
        name: 'node-in-a-browser',
        resolveId(id) {
          const name = NODE.exec(id)?.[1];
          if (name === undefined) return null;
          const file = join(SHIMS, `${name.replaceAll('/', '-')}.ts`);
          return existsSync(file) ? file : NOTHING;
        },
        // Rules of the check, and the reader of OpenAPI: loaded by who asks for them, which nobody does there.
        load: (id) => (id === NOTHING || NOT_ASKED_FOR.test(id) ? 'export {}' : null),
      },
    ],
  });
  const { output } = await build.generate({ format: 'es', minify: true, codeSplitting: false });
  await build.close();
  const [chunk, ...more] = output;
  if (more.length > 0) throw new Error(`${input} became more than one file`);
  return Buffer.from(chunk.code);
}
