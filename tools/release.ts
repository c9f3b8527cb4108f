/**
 * `node tools/release.ts VERSION [--dry-run]`: cuts CHANGELOG at a version, sets it in the manifests, commits and tags.
 * `node tools/release.ts --verify TAG`: whether tag, manifest and CHANGELOG say the same. Publishing is the workflow's.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cutChangelog, entryOf, isNewer, withVersion } from './release-texts.ts';

const HELP = `Usage: node tools/release.ts VERSION [--dry-run]
       node tools/release.ts --verify TAG

  node tools/release.ts 0.2.0 --dry-run   says what would change, and changes nothing
  node tools/release.ts 0.2.0             changes CHANGELOG and manifests, commits, tags v0.2.0
  node tools/release.ts --verify v0.2.0   exit 1 unless package.json and CHANGELOG are at 0.2.0
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'dry-run': { type: 'boolean' }, verify: { type: 'string' }, help: { type: 'boolean' } },
});
/** What is published: the package, and the one behind `npm create bulwark`, which installs it at its own version. */
const CREATE = 'create-bulwark/package.json';
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const changelog = readFileSync('CHANGELOG.md', 'utf8');
const [version] = positionals;

if (values.verify !== undefined) verify(values.verify);
else if (version === undefined || values.help === true) console.log(HELP);
else release(version, values['dry-run'] === true);

function verify(tag: string): void {
  if (tag !== `v${manifest.version}`) stop(`the tag is ${tag}, package.json is at ${manifest.version}`);
  const create = JSON.parse(readFileSync(CREATE, 'utf8')) as {
    version: string;
    dependencies: { bulwark: string };
  };
  if (create.version !== manifest.version || create.dependencies.bulwark !== manifest.version)
    stop(
      `${CREATE} is at ${create.version} and installs ${create.dependencies.bulwark}, package.json is at ${manifest.version}`,
    );
  if (entryOf(changelog, manifest.version) === undefined)
    stop(`CHANGELOG.md has no entry for ${manifest.version}`);
  console.log(`${tag}: the manifests and CHANGELOG.md agree.`);
}

function release(next: string, dryRun: boolean): void {
  if (!/^\d+\.\d+\.\d+$/.test(next)) stop(`${next} is no version: write three numbers, such as 0.2.0`);
  if (entryOf(changelog, manifest.version) !== undefined && !isNewer(next, manifest.version))
    stop(`${next} is not after ${manifest.version}, which was released`);
  const changes = git('status', '--porcelain');
  if (changes !== '' && !dryRun) stop('there are changes that are not committed: commit or drop them first');
  const cut = cutChangelog(changelog, next, new Date());
  if (cut === undefined) stop('CHANGELOG.md has nothing under "Unreleased": there is nothing to release');
  else if (dryRun) console.log(`Would release ${next}:\n\n${entryOf(cut, next)}\n\nNothing was changed.`);
  else {
    writeFileSync('CHANGELOG.md', cut);
    for (const file of ['package.json', 'package-lock.json', CREATE])
      writeFileSync(file, withVersion(readFileSync(file, 'utf8'), next));
    git('commit', '--all', '--message', `release: ${next}`);
    git('tag', '--annotate', `v${next}`, '--message', `v${next}`);
    console.log(`Committed and tagged v${next}. To publish it: git push --follow-tags`);
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { encoding: 'utf8' });
}

function stop(why: string): never {
  console.error(`${why}.`);
  process.exit(1);
}
