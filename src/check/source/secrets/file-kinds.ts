/** Which files people write, and which of these are of use to nobody but tests and readers. */

/** What holds no text, or text that a program wrote. */
const NO_TEXT =
  /\.(?:png|jpe?g|gif|webp|avif|bmp|ico|icns|tiff?|psd|svgz|woff2?|ttf|otf|eot|mp[34]|m4[av]|mov|avi|webm|ogg|wav|flac|pdf|zip|gz|tgz|bz2|xz|zst|7z|rar|jar|war|whl|egg|deb|rpm|exe|dll|so|dylib|a|o|obj|class|py[co]|wasm|node|bin|dat|db|sqlite3?|mo|gmo|docx?|xlsx?|pptx?|odt|ods|parquet|npy|npz|pkl|pickle|h5|pt|onnx|swf|map|snap|lockb|min\.js|min\.css|pack|idx)$/i;

/** Whether a file can hold text that somebody wrote. */
export function isWritten(path: string): boolean {
  return !NO_TEXT.test(path);
}

const SAMPLE =
  /(?:^|\/)(?:[\w.-]*[-_.])?(?:tests?|testing)(?:[-_.][\w.-]*)?\/|(?:^|\/)(?:tests?|testing|__tests__|__mocks__|spec|specs|e2e|fixtures?|testdata|test[-_]data|mocks?|docs?|examples?|samples?|demos?|vectors?|stories|locales?|translations?|LC_MESSAGES|i18n)\/|(?:^|\/)(?:test[_-][^/]*|[^/]*[._-](?:test|tests|spec|mock|fixture|example|sample|dist|template|tmpl)(?:\.[\w.]+)?|conftest\.py|readme[^/]*|changelog[^/]*|changes[^/]*|history[^/]*|news[^/]*)$|\.(?:md|mdx|rst|adoc|txt|po|pot|html?|ipynb|patch|diff|asc)$/i;

/** Whether a file shows or tests something, and runs nowhere. */
export function isSample(path: string): boolean {
  return SAMPLE.test(path);
}

/** Whether a file was written by a package manager, and holds a digest in every line. */
export function isLock(path: string): boolean {
  return /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock|deno\.lock|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|Cargo\.lock|Gemfile\.lock|composer\.lock|go\.sum|requirements[^/]*\.txt)$/.test(
    path,
  );
}

/** Whether a file holds the environment of a program: by convention, what may not be in a repository. */
export function isEnvFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (
    /^(?:\.env(?:\.[\w.-]+)?|[\w-]+\.env)$/.test(name) &&
    !/(?:example|sample|template|tmpl|dist|defaults?|schema|test|ci)$/i.test(name)
  );
}
