/** A secret as a report may show it. */

/** How it begins, where that says which kind it is and no more, and how long it is. */
export function maskedKey(key: string): string {
  const prefix =
    /^(?:gh[pousr]_|github_pat_|npm_|pypi-|AKIA|ASIA|ABIA|ACCA|[sr]k_(?:live|test)_|whsec_|xox[bp]-|xapp-|AIza|GOCSPX-|gl[a-z]{2,3}-|SG\.|sk-|dckr_|do[opr]_v1_|shp\w\w_|hf_|hvs\.|AGE-SECRET-KEY-|eyJ)/.exec(
      key,
    );
  return `${prefix?.[0] ?? ''}... (${key.length} characters)`;
}
