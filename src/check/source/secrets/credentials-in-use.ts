/** Passwords and tokens where they are handed over: in commands, in headers, in addresses, and in files that programs read them from. */
import { isPlaceholder, isWrittenOut, looksDrawn } from './likely-secret.ts';

/** One, with where it stands. */
export interface HandedOver {
  readonly message: string;
  readonly evidence: string;
  readonly fix: string;
  /** In UTF-16 units. */
  readonly at: number;
}

/** `curl -u name:password`, over lines that go on. */
const CURL =
  /\bcurl\b(?<before>(?:[^\n\\]|\\[^]){0,400}?)[ \t](?:-u|--user|--proxy-user)(?:[ \t]{1,4}|=)["']?[\w.@+-]{1,60}:(?<value>[^\s"'`$<{]{6,100})(?<behind>[^\n]{0,400})/g;
const HEADER =
  /\bauthorization["']?\s{0,4}[:=,]\s{0,4}["'`]?(?:bearer|token|basic|apikey)\s{1,4}(?<value>[\w~+/.=-]{16,200})/gi;
const ADDRESS =
  /\bhttps?:\/\/[\w.+-]{1,60}:(?<value>[^\s:@/"'`{}$<>]{8,100})@(?<host>[\w.-]{1,200}|\[[\da-f:]{2,40}\])/g;
/** Whoever tries something out on his own machine, or shows how it is written, hands over nothing. */
const NOWHERE = /\blocalhost\b|\b127\.0\.0\.1\b|\[::1\]|\bexample\b|\.(?:test|invalid)\b/;

/** Files of a fixed form that hold what a program signs in with. */
const FILES: readonly (readonly [path: RegExp, pattern: RegExp])[] = [
  [/(?:^|\/)[._]netrc$/, /\bpassword\s{1,8}(?<value>\S{6,200})/g],
  [/(?:^|\/)\.pypirc$/, /^[ \t]*password[ \t]*[=:][ \t]*(?<value>\S{6,200})/gm],
  [
    /(?:^|\/)\.npmrc$/,
    /^[^#;\n]{0,200}:_(?:authToken|auth|password)[ \t]*=[ \t]*["']?(?<value>[^\s"']{6,300})/gm,
  ],
  [/(?:^|\/)\.docker\/config\.json$|(?:^|\/)\.dockercfg$/, /"auth"\s*:\s*"(?<value>[A-Za-z0-9+/=]{8,400})"/g],
  [/(?:^|\/)\.git-credentials$/, /^https?:\/\/[^\s:@/]{1,100}:(?<value>[^\s@/]{6,200})@/gm],
  [/(?:^|\/)\.pgpass$/, /^[^#\s:]{1,100}:[\d*]{1,5}:[^\s:]{1,100}:[^\s:]{1,100}:(?<value>\S{6,200})$/gm],
];

/** What begins each of them, besides the words for secrets: without any, nobody looks further. */
export const HANDED_OVER_MARKS: RegExp = /authorization|"auth"|\bcurl\b|:\/\/[^\s:/@]*:|:(?:\d{4}|\*):/i;

/** What is handed over in a text. Commands are looked for where they run: elsewhere, they are shown to somebody. */
export function* handedOver(path: string, text: string, runsCommands: boolean): Generator<HandedOver> {
  const file = FILES.find(([name]) => name.test(path));
  if (file !== undefined) {
    for (const { at, value } of matchesOf(file[1], text))
      if (!isPlaceholder(value) && isWrittenOut(value))
        yield {
          message: 'a file that a program signs in with is in the tree, with its password',
          evidence: `a password of ${value.length} characters`,
          fix: `git rm --cached ${path}  # and a new password: this one is known`,
          at,
        };
    return;
  }
  if (runsCommands) {
    for (const { at, value, groups } of matchesOf(CURL, text))
      if (!isPlaceholder(value) && !NOWHERE.test(`${groups['before'] ?? ''} ${groups['behind'] ?? ''}`))
        yield {
          message: 'a command has the password of an account in it',
          evidence: 'curl --user name:...',
          fix: 'curl --netrc-file /run/secrets/netrc https://...',
          at,
        };
  }
  const fix = 'the value from the environment, or from a file that only the service can read';
  for (const { at, value } of matchesOf(HEADER, text))
    // In code, what stands without quotes is told to whoever reads it.
    if (looksDrawn(value) && (runsCommands || /^["'`]/.test(text.slice(at + value.length))))
      yield { message: 'a header that signs in is written out', evidence: 'Authorization: ...', fix, at };
  for (const { at, value, groups } of matchesOf(ADDRESS, text))
    if (looksDrawn(value) && !NOWHERE.test(groups['host'] ?? ''))
      yield {
        message: 'an address has a password in it',
        evidence: `https://name:...@${groups['host'] ?? ''}`,
        fix,
        at,
      };
}

interface Match {
  readonly value: string;
  readonly at: number;
  readonly groups: Readonly<Record<string, string | undefined>>;
}

const MOST = 500;

function* matchesOf(pattern: RegExp, text: string): Generator<Match> {
  let left = MOST;
  for (const match of text.matchAll(pattern)) {
    left -= 1;
    if (left < 0) return;
    const { groups = {} } = match;
    const value = groups['value'] ?? '';
    yield { value, at: match.index + match[0].indexOf(value), groups };
  }
}
