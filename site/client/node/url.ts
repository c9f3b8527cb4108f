/** Names of hosts, as the parser of addresses writes them. */

export const domainToASCII = (name: string): string => {
  const url = `http://${name}/`;
  return URL.canParse(url) ? new URL(url).hostname : '';
};
/** Only for what is shown: a name in its other spelling is as true. */
export const domainToUnicode = (name: string): string => domainToASCII(name);
