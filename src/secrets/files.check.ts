/** What `check` asks of an application about files that were never meant to be served. */
import { type Answer, answered, headerOf } from '../core/answer.ts';
import {
  fault,
  type Fault,
  judged,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../core/rule.ts';
import { askEach, type Marked } from '../core/ask-each.ts';
import { resourcesOf } from '../core/seen-page.ts';

/** Rules about them. */
export const secretFilesRules: readonly Rule[] = [
  {
    id: 'secrets.backup-served',
    title: 'No settings, backups or keys can be downloaded',
    level: 'error',
    guide: 1,
    asvs: ['v5.0.0-13.4.7 (in part)'],
    cwe: ['CWE-530', 'CWE-552'],
    needs: 'own-host',
    run: checkFiles,
  },
  {
    id: 'secrets.listing',
    title: 'No folder is listed',
    level: 'warning',
    guide: 1,
    asvs: ['v5.0.0-13.4.3 (in part)'],
    cwe: ['CWE-548'],
    needs: 'page',
    run: checkListing,
  },
  {
    id: 'secrets.source-maps',
    title: 'Scripts do not bring their source along',
    level: 'note',
    guide: 1,
    asvs: [],
    cwe: ['CWE-540'],
    needs: 'page',
    run: checkMaps,
  },
];

const VALUES = /^(?:export )?[A-Z][A-Z0-9_]{2,60}=/m;
/** Names by which people, editors and tools leave them, and what is in them: any page is an answer, and not the file. */
const FILES: readonly Marked[] = [
  ['/.env.local', VALUES, 'a file of secrets'],
  ['/.env.production', VALUES, 'a file of secrets'],
  ['/.env.bak', VALUES, 'a file of secrets'],
  ['/.git/config', /^\[core\]/m, 'the settings of the repository'],
  ['/.svn/wc.db', /^SQLite format 3/, 'the repository'],
  ['/.DS_Store', /^\0\0\0\u0001Bud1/, 'a list of the files of a folder'],
  ['/.npmrc', /_authToken|registry\s*=/, "npm's settings"],
  ['/config.py', /^(?:SECRET_KEY|SQLALCHEMY_DATABASE_URI|DATABASE_URL|class \w*Config\b)/m, 'the source of the settings'],
  ['/settings.py', /^(?:SECRET_KEY|DATABASES|INSTALLED_APPS)\s*=/m, 'the source of the settings'],
  ['/app.py', /^(?:from flask|import flask|from fastapi|app\s*=\s*Flask)/m, 'the source of the application'],
  ['/docker-compose.yml', /^services:/m, 'the settings of its containers'],
  ['/wp-config.php.bak', /DB_PASSWORD/, 'a backup of the settings'],
  ['/backup.sql', /^(?:-- (?:MySQL|PostgreSQL|MariaDB)|CREATE TABLE|INSERT INTO)/m, 'a dump of the database'],
  ['/dump.sql', /^(?:-- (?:MySQL|PostgreSQL|MariaDB)|CREATE TABLE|INSERT INTO)/m, 'a dump of the database'],
  ['/db.sqlite3', /^SQLite format 3/, 'the database'],
  ['/id_rsa', /^-----BEGIN (?:RSA |OPENSSH )?PRIVATE KEY/, 'a private key'],
]; // prettier-ignore

/** What lies beside the files of a page where its whole folder is served. */
const BESIDE = new Set(['/.env.local', '/app.py', '/config.py', '/settings.py', '/db.sqlite3']);

async function checkFiles({ ask, crawl, site }: RuleContext): Promise<Outcome> {
  const folders = await crawl().then(
    ({ pages }) => foldersOf(pages, site.origin).slice(0, 2),
    () => [],
  );
  const beside = FILES.filter(([target]) => BESIDE.has(target)).flatMap(([target, mark, what]) =>
    folders.map((folder) => [`${folder}${target.slice(1)}`, mark, what] as const),
  );
  const files = [...FILES, ...beside];
  const seen = await askEach(ask, files, 'files');
  const faults = seen.flatMap(([answer, mark, what]): readonly Fault[] =>
    answer.status === 200 && mark.test(answer.body) && !/^\s*<(?:!doctype|html)/i.test(answer.body)
      ? // What is in it stays out of the report.
        [
          fault(
            'error',
            `${what} is served to everyone`,
            answered(answer),
            'serve a directory of its own, never the one of the source; replace every secret that was in it',
          ),
        ]
      : [],
  );
  return judged(faults, `none of ${seen.length} such files`);
}

async function checkListing({ crawl, askOnce, site }: RuleContext): Promise<Outcome> {
  const { pages } = await crawl();
  const folders = foldersOf(pages, site.origin);
  if (folders.length === 0) return notSeen('the pages load no file of a folder of this site');
  const answers = await Promise.all(folders.slice(0, 4).map((target) => askOnce({ target })));
  return judged(
    answers
      .filter(
        ({ status, body }) =>
          status === 200 && /<title>\s*(?:Index of|Directory listing for|listing directory) ?\//i.test(body),
      )
      .map((answer) =>
        fault(
          'warning',
          'a folder is listed',
          answered(answer),
          'switch listings off (autoindex off, Options -Indexes)',
        ),
      ),
    `${answers.length} folders of files`,
  );
}

/** Folders that pages load files of. */
function foldersOf(pages: readonly Answer[], origin: string): readonly string[] {
  const folders = pages
    .flatMap(resourcesOf)
    .filter(({ url }) => url.origin === origin)
    .map(({ url }) => url.pathname.slice(0, url.pathname.lastIndexOf('/') + 1));
  return [...new Set(folders)].filter((folder) => folder !== '/');
}

async function checkMaps({ crawl, askOnce, site }: RuleContext): Promise<Outcome> {
  const { others } = await crawl();
  const scripts = others.filter(
    (answer) => /javascript/.test(headerOf(answer, 'content-type') ?? '') && answer.status === 200,
  );
  if (scripts.length === 0) return notSeen('the pages load no script of this site');
  const faults: Fault[] = [];
  for (const script of scripts) {
    const named =
      /\/\/[#@] sourceMappingURL=(\S{1,300})\s*$/.exec(script.body.slice(-1000))?.[1] ??
      headerOf(script, 'sourcemap');
    if (named === undefined || named.startsWith('data:') || !URL.canParse(named, script.url)) continue;
    const url = new URL(named, script.url);
    if (url.origin !== site.origin) continue;
    const map = await askOnce({ target: `${url.pathname}${url.search}` });
    if (
      map.status === 200 &&
      /"sources"\s*:/.test(map.body) &&
      /"mappings"\s*:|"sourcesContent"\s*:/.test(map.body)
    ) {
      faults.push(
        fault(
          'note',
          'the source of a script is served, with its comments and paths',
          answered(map),
          'leave source maps out of what is deployed, or serve them to yourselves',
        ),
      );
    }
  }
  return judged(faults, `${scripts.length} scripts`);
}
