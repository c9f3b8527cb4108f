#!/usr/bin/env node
/**
 * The command `bulwark`. Whatever Node.js it is started on has to get as far as the message below: nothing here is newer
 * than modules themselves, and everything else is loaded once the version is known to be good.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 24 || (major === 24 && minor < 7)) {
  console.error(
    `bulwark needs Node.js 24.7 or later, and this is ${process.versions.node}: https://nodejs.org`,
  );
  // Not 1, which is an answer: that of `bulwark routes` is that some routes have no rule.
  process.exitCode = 2;
} else {
  void import('./main.ts').then(({ runInShell }) => runInShell());
}
