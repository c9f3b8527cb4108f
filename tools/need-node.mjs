// Says in one line what to do where npm could not bring Node.js 24 along. Plain JavaScript: it must run on any Node.js.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 7)) {
  console.error(
    `Bulwark needs Node.js 24.7 or later, and this is ${process.versions.node}. ` +
      'On Linux and Windows `npm ci` brings it along; elsewhere install Node.js 24 from https://nodejs.org first.',
  );
  process.exit(1);
}
