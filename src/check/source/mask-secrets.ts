/** A line of source in a report: one line, cut where it is long, without what opens a door. */

const MOST_SHOWN = 200;
/** Masked before it is cut, and no more of it: what begins within and ends behind is masked to its end. */
export const MOST_MASKED = 16_384;
/** Words of a line that holds a secret, or what is made of one. */
const SECRET =
  /secret|passw|passphrase|pwd|(?<!csrf[_-]?)token|credential|authorization|requirepass|masterauth|(?:api|private|access|signing|encryption|master|auth)[_-]?key|[a-z_]_keys?\b|[a-z]Keys?\b|\bkeys?["'\]]*\s*[:=]|jwt|hmac|fernet|serializer|cipher|crypt|md5|\bsha-?\d|pbkdf|argon|hashlib/i;
/** Each text in quotes, whatever these are. One that is not closed reaches to the end. */
const STRING =
  /"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\[^]?|[^"\\])*(?:"|$)|'(?:\\[^]?|[^'\\])*(?:'|$)|`(?:\\[^]?|[^`\\])*(?:`|$)/g;
/** Before a text that is a name: `config[`, `{`, `environ.get(`. */
const BEFORE_NAME = /(?:[\w)\]]\[|[{,(]|^|(?:get|getenv|env|pop|setdefault)\()\s*$/;
/** Behind it. */
const BEHIND_NAME = /^\s*(?:\]|:|[,)])/;
/** Without quotes: `password: ...`, `ENV DB_PASSWORD ...`, `--requirepass ...`. What is called or looked up is code. */
const BARE =
  /(?<name>(?:secret|passw(?:or)?d|passphrase|pwd|pass|(?<!csrf[_-]?)token|credential|api_?key|private_?key|requirepass|masterauth|_key)[\w-]{0,40}(?:\s{0,9}[:=]\s{0,9}|\s{1,9}))(?![=:\s([{]|\.\.\.)(?!(?:if|in|is|not|and|or|for|as|on|none|null|true|false|undefined|await|new|return)\b)(?![$]|process\.env|os\.|import\.meta)[^\s"'`,;()[\]{}<>]+(?![\w(.["'`])/gi;
/** What stands behind options of programs that sign in. */
const OPTION =
  /(?<name>(?:^|[\s"'`])(?:(?:-u|--user|--pass\w{0,9}|--token)[\s=]{1,9}|(?<!mkdir\s)-[pa]\s{1,9}|(?<=(?:mysql|mariadb|sshpass|7z)[^|;&]{0,200}\s)-p))(?![\s./$-])[^\s"'`]+/gi;
const SCHEME = /(?<name>\b(?:Basic|Bearer|DPoP|Digest|Token)\s{1,9})[\w+/=.~-]{6,}/g;
const LONG = /(?<quote>["'`])(?=[^"'`]*\d)(?=[^"'`]*[a-zA-Z])[\w+/=.-]{24,}(?:\k<quote>|$)/g;
const IN_ADDRESS = /(?<before>:\/\/[^\s:/@'"`]{0,200}:)[^\s'"`]{1,400}@/g;
const IS_ADDRESS = /:\/\/(?!git@)[^\s:/@'"`]{1,400}@/g;
/** Controls, and the marks that turn the direction of writing. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** Cuts values out of a text. Its names stay: they are what one looks for. */
export function maskSecrets(text: string): string {
  const line = maskWhole(text.slice(0, MOST_MASKED).toWellFormed().replaceAll(UNSEEN, ' ').trim());
  return line.length <= MOST_SHOWN ? line : `${line.slice(0, MOST_SHOWN)}...`;
}

/** Whether a line speaks of what nobody may know, so that what goes on below it may be that. */
export function speaksOfSecret(line: string): boolean {
  return SECRET.test(line);
}

/** The same of a line that is not cut, with the blanks that it has. */
export function maskWhole(text: string): string {
  let line = text.replaceAll(OPTION, '$<name>...').replaceAll(SCHEME, '$<name>...');
  if (SECRET.test(line)) line = maskStrings(line).replaceAll(BARE, '$<name>...');
  return line
    .replaceAll(LONG, '$<quote>...$<quote>')
    .replaceAll(IN_ADDRESS, '$<before>...@')
    .replaceAll(IS_ADDRESS, '://...@');
}

function maskStrings(line: string): string {
  return line.replaceAll(STRING, (string: string, at: number) => {
    const quote = /^(?:"""|'''|["'`])/.exec(string)?.[0] ?? '"';
    const inside = string.slice(quote.length, -quote.length);
    return isName(
      inside,
      line.slice(Math.max(0, at - 40), at),
      line.slice(at + string.length, at + string.length + 40),
    )
      ? string
      : `${quote}...${quote}`;
  });
}

/** `config["SECRET_KEY"]`: a name in the place of one, and no value. */
function isName(inside: string, before: string, behind: string): boolean {
  return (
    /^[A-Za-z_][A-Za-z_-]*$/.test(inside) &&
    SECRET.test(inside) &&
    BEFORE_NAME.test(before) &&
    BEHIND_NAME.test(behind)
  );
}
