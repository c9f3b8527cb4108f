/** Packages that a command installs without saying which version. */

const INSTALL =
  /(?:^|[\s/;&|(])(?:(?<pip>(?:pip[\d.]{0,4}|python[\d.]{0,4}\s+-m\s+pip|uv\s+pip)\s+(?:-\S+\s+){0,4}install)|(?:npm|pnpm|yarn|bun)\s+(?:-\S+\s+){0,4}(?:install|add|i|global\s+add))\s(?<args>[^;&|\n]{0,2000})/g;
/** What pip itself is made of is there before anything is named, and is replaced by every image. */
const TOOLS = /^(?:pip|setuptools|wheel|npm|corepack)$/;
/** With a word of its own behind it. */
const TAKES_A_WORD =
  /^(?:-[icrft]|--(?:index-url|extra-index-url|constraint|requirement|find-links|target|prefix|root|platform|python-version|trusted-host|registry|cache-dir|timeout|retries))$/;
/** The versions stand in a file, or every file has to have the digest that somebody wrote down. */
const NAMED_ELSEWHERE = /^(?:-[cr]|--constraint|--requirement|--require-hashes)/;

/** Their names, of all commands of a line of `RUN`. */
export function openPackages(text: string): readonly string[] {
  const open: string[] = [];
  for (const { groups = {} } of text.matchAll(INSTALL)) {
    const words = (groups['args'] ?? '').split(/\s+/).map((word) => word.replaceAll(/["']/g, ''));
    if (words.some((word) => NAMED_ELSEWHERE.test(word))) continue;
    const pip = groups['pip'] !== undefined;
    for (const [index, word] of words.entries())
      if (!TAKES_A_WORD.test(words[index - 1] ?? '') && isOpen(word, pip)) open.push(word);
  }
  return open;
}

function isOpen(word: string, pip: boolean): boolean {
  if (pip) {
    const { name = '' } =
      /^(?<name>[A-Za-z][\w.-]*)(?:\[[\w,-]*\])?(?:(?:[<>!~]=?|===?)[^@]*)?$/.exec(word)?.groups ?? {};
    return name !== '' && !TOOLS.test(name) && !/===?/.test(word) && !/\.(?:whl|zip|gz)$/.test(word);
  }
  const { name = '', tag } =
    /^(?<name>(?:@[\w.-]+\/)?[a-z][\w.-]*)(?:@(?<tag>[\w.^~*-]+))?$/.exec(word)?.groups ?? {};
  return name !== '' && !TOOLS.test(name) && !/\.t(?:ar\.)?gz$/.test(name) && !/^v?\d/.test(tag ?? '');
}
