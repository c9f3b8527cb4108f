/** What `bulwark sbom` writes, against the schemas that CycloneDX and SPDX publish (test/vectors/sbom/). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv, type ErrorObject } from 'ajv';
import * as formats from 'ajv-formats';
import { makeSbom } from '../../src/check/source/dependencies/make-sbom.ts';
import { withTree } from '../support/made-tree.ts';

const VECTORS = join(import.meta.dirname, '../vectors/sbom');
const SHA512 = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
const SHA256 = `sha256:${'ab'.repeat(32)}`;

interface Validator {
  (document: unknown): boolean;
  readonly errors?: readonly ErrorObject[] | null;
}

function schema(name: string): object {
  return JSON.parse(readFileSync(join(VECTORS, name), 'utf8')) as object;
}

function validator(main: string, others: readonly string[] = []): Validator {
  const ajv = new Ajv({ allErrors: true, strict: false, schemas: others.map(schema) });
  formats.default.default(ajv);
  // No list here has the e-mail of a person. An IRI is more than a URI, and ours are none.
  ajv.addFormat('idn-email', true);
  ajv.addFormat(
    'iri-reference',
    (text) => /^[^\s<>"{}|\\^`]*$/.test(text) && URL.canParse(text, 'https://base.example/'),
  );
  return ajv.compile(schema(main));
}

/** Everything that is odd in a lock: names, versions, licences, addresses. */
const FILES = {
  'package-lock.json': JSON.stringify({
    name: '@example/app',
    version: '1.0.0-beta.1+build.5',
    lockfileVersion: 3,
    packages: {
      '': { name: '@example/app', version: '1.0.0-beta.1+build.5' },
      'node_modules/@a/b': {
        version: '1.0.0',
        resolved: 'https://registry.npmjs.org/@a/b/-/b-1.0.0.tgz',
        integrity: SHA512,
        license: 'MIT',
      },
      'node_modules/@a/b/node_modules/left': {
        version: '2.0.0',
        resolved: 'https://registry.npmjs.org/left/-/left-2.0.0.tgz',
        integrity: SHA512,
        license: '(MIT OR Apache-2.0)',
      },
      'node_modules/left': {
        version: '1.0.0',
        integrity: `sha1-${Buffer.alloc(20, 1).toString('base64')} ${SHA512}`,
        license: 'SEE LICENSE IN LICENSE.md',
      },
      'node_modules/odd': {
        version: '0.0.0',
        resolved: 'git+ssh://git@github.com/example/odd.git#0123456789012345678901234567890123456789',
        license: 'Custom: see "a" \u{1F600}',
      },
      'node_modules/alias': {
        name: 'real-name',
        version: '3.0.0',
        integrity: SHA512,
        dev: true,
        license: 'UNLICENSED',
      },
      'node_modules/bare': { version: '1.2.3', optional: true },
      'packages/own': { name: 'own', version: '0.1.0' },
      'node_modules/own': { resolved: 'packages/own', link: true },
    },
  }),
  'api/requirements.txt': `Flask_Thing==3.1.0 --hash=${SHA256} --hash=${SHA256}\nodd-version==1!2.0.post1+local.7\n`,
  'api/poetry.lock': `[[package]]\nname = "jinja2"\nversion = "3.1.6"\nfiles = [{file = "a.whl", hash = "${SHA256}"}]\n`,
  'uv/uv.lock': `version = 1\n[[package]]\nname = "flask"\nversion = "3.1.0"\nsource = { git = "https://example.com/flask.git?rev=1" }\n`,
  'pnpm/pnpm-lock.yaml': `lockfileVersion: '9.0'\npackages:\n  '@a/b@1.2.3':\n    resolution: {integrity: ${SHA512}}\n`,
  'yarn/yarn.lock': `# yarn lockfile v1\n\n\nleft@1:\n  version "1.0.0"\n  resolved "https://registry.yarnpkg.com/left/-/left-1.0.0.tgz#${'a'.repeat(40)}"\n`,
  'pip/Pipfile.lock': JSON.stringify({
    default: { flask: { version: '==3.1.0', hashes: [SHA256] } },
    develop: {},
  }),
};

async function made(
  format: string,
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> {
  return withTree(files, async (root) => {
    const sbom = await makeSbom(root, { format, name: undefined, production: false, toolVersion: '1.0.0' });
    assert.ok('text' in sbom);
    assert.deepEqual(sbom.notRead, []);
    return JSON.parse(sbom.text) as Readonly<Record<string, unknown>>;
  });
}

for (const [format, validate, count] of [
  ['cyclonedx', validator('bom-1.6.schema.json', ['spdx.schema.json', 'jsf-0.82.schema.json']), 'components'],
  ['spdx', validator('spdx-schema-2.3.json'), 'packages'],
] as const) {
  test(`a list in ${format} is one by its schema, whatever stands in the locks`, async () => {
    const document = await made(format, FILES);
    assert.ok((document[count] as readonly unknown[]).length >= 11);
    assert.ok(validate(document), JSON.stringify(validate.errors, undefined, 1));
    // The schema is one that refuses.
    assert.equal(validate({ ...document, [count]: [{ version: 1 }] }), false);
  });
}

test('references lead to what is there, and each is there once', async () => {
  const bom = await made('cyclonedx', FILES);
  const refs = (bom['components'] as readonly { readonly 'bom-ref': string }[]).map((one) => one['bom-ref']);
  assert.equal(new Set(refs).size, refs.length);
  const spdx = await made('spdx', FILES);
  const ids = (spdx['packages'] as readonly { readonly SPDXID: string }[]).map(({ SPDXID }) => SPDXID);
  assert.equal(new Set(ids).size, ids.length);
  const known = new Set([...ids, 'SPDXRef-DOCUMENT']);
  for (const one of spdx['relationships'] as readonly {
    readonly spdxElementId: string;
    readonly relatedSpdxElement: string;
  }[])
    assert.ok(known.has(one.spdxElementId) && known.has(one.relatedSpdxElement), JSON.stringify(one));
});
