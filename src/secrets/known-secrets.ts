/** Secrets that are none: placeholders people forget to replace, and examples that stand in public manuals. */

const SEPARATORS = /[^A-Za-z0-9]/g;

/**
 * Phrases of placeholders, looked for anywhere, whatever the case and the separators. At eight letters and more a
 * random secret of 43 characters contains a given one less than once in 10^10, so nothing good is refused.
 */
const PHRASES: readonly string[] = [
  'changeme', 'changethis', 'changeit', 'changein', 'changebefore', 'changeplease', 'pleasechange', 'mustchange',
  'replaceme', 'replacethis', 'replacewith', 'tobereplaced', 'tobechanged', 'tobemodified', 'overrideme',
  'yoursecret', 'yoursuper', 'yourrandom', 'yourstrong', 'yourlong', 'yourtoken', 'yourpassword',
  'your256bit', 'mysecret', 'somesecret', 'somerandom', 'randomstring', 'randomsecret',
  'secretkey', 'secrethere', 'valuehere', 'supersecret', 'topsecret', 'verysecret', 'notsosecret', 'notasecret',
  'insertyour', 'insertsecret', 'enteryour', 'usearandom', 'generatea', 'generateyour',
  'placeholder', 'examplesecret', 'examplekey', 'defaultsecret', 'defaultkey', 'sessionsecret', 'cookiesecret',
  'jwtsecret', 'devsecret', 'developmentsecret', 'developmentonly', 'localonly', 'testsecret', 'testingonly',
  'testonly', 'insecure', 'donotuse', 'onlyfordev', 'fordevelopment', 'fortesting', 'notforproduction',
  'password', 'passw0rd', 'passphrase', 'keyboardcat', 'loremipsum', 'iloveyou', 'correcthorse', 'thequickbrown',
  'atleast32', '32character', 'minimumlength', 'longenough', 'biggerthan', 'bulwarksecret',
]; // prettier-ignore

/** Shorter words, looked for in one case only (`secret`, `SECRET`, `Secret`), and never as letters of mixed case. */
const WORDS: readonly string[] = ['secret', 'sample', 'example', 'default', 'undefined'];

/** Whole secrets that mean that none was set. Too short in any case; named for the better message. */
const WHOLE: ReadonlySet<string> = new Set([
  'secret', 'test', 'testing', 'dev', 'development', 'prod', 'production', 'demo', 'admin', 'root', 'key', 'token',
  'todo', 'fixme', 'none', 'null', 'undefined', 'nan', 'true', 'false', 'objectobject', 'foo', 'bar', 'foobar', 'abc',
  'example', 'sample', 'default', 'bulwark', 'app', 'session', 'cookie', 'x', 'xxx', 'changeme',
]); // prettier-ignore

/** The commands of our own messages, pasted where nothing runs them: an `.env` file knows no `$(...)`. */
const COMMANDS: readonly string[] = ['opensslrand', 'randombytes', 'tokenhex', 'tokenurlsafe', 'devurandom'];

/**
 * Examples of well-known documentation and defaults, which attackers' word lists hold. Squeezed: lower case, letters
 * and digits only. Most others fall under {@link PHRASES}.
 */
const PUBLISHED: ReadonlySet<string> = new Set(
  [
    // Flask, configuration handbook and quickstart (old and new)
    '192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf',
    '_5#y2L"F4Q8z\\n\\xec]/',
    // FastAPI, tutorial on OAuth2 with JWT
    '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
    // fastify: secure-session, session
    'averylogphrasebiggerthanthirtytwochars',
    'mq9hDxBVDbspDR6n',
    'a secret with minimum length of 32 characters',
    // iron-session, better-auth, Symfony, Superset, jwt.io, express-session
    'complex_password_at_least_32_characters_long',
    'better-auth-secret-12345678901234567890',
    'ThisTokenIsNotSoSecretChangeIt',
    'thisISaSECRET_1234',
    'your-256-bit-secret',
    'a-string-secret-at-least-256-bits-long',
    'keyboard cat',
  ].map(squeeze),
);

/** Whether a secret is, or is built around, one that stands in a public manual. */
export function isPublished(secret: string): boolean {
  const squeezed = squeeze(secret);
  // Twelve: a shorter example that happens to be inside is no sign of anything.
  for (const known of PUBLISHED) {
    if (squeezed === known || (known.length >= 12 && squeezed.includes(known))) return true;
  }
  return squeezed.startsWith('djangoinsecure');
}

/** Whether a secret is a placeholder or holds one, in any case and with any separators. */
export function hasPlaceholder(secret: string): boolean {
  const squeezed = squeeze(secret);
  if (WHOLE.has(squeezed) || WHOLE.has(squeezed.replace(/\d+$/, ''))) return true;
  if (PHRASES.some((phrase) => squeezed.includes(phrase))) return true;
  if (COMMANDS.some((command) => squeezed.includes(command))) return true;
  const bare = secret.replace(SEPARATORS, '');
  return WORDS.some(
    (word) =>
      bare.includes(word) ||
      bare.includes(word.toUpperCase()) ||
      bare.includes(word.charAt(0).toUpperCase() + word.slice(1)),
  );
}

function squeeze(text: string): string {
  return text.replace(SEPARATORS, '').toLowerCase();
}
