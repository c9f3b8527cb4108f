#!/usr/bin/env bash
# Guess: acme-client fails with the reason (ECONNREFUSED) where its authority cannot be reached, at once or after what it says it retries.
# Seen: it asks six times over 75 seconds, with nothing said meanwhile but on its debug log, and then rejects with a TypeError of its own,
# "Cannot read properties of undefined (reading 'config')": its interceptor reads the answer that never came. The reason is lost, a name
# that does not resolve and a certificate that is not trusted alike. Without its two interceptors axios rejects with the reason, at once.
# Versions: acme-client 5.4.0, axios 1.21.1, Node.js 24. Seen on 2026-11-30.
# Why it matters: whoever logs error.message of a failed renewal logs nothing that helps, more than a minute late. The gateway takes
# both interceptors away (src/gateway/tls/acme/authority.ts).
set -euo pipefail
. "$(dirname "$0")/lib.sh"

npm install --silent --no-audit --no-fund --ignore-scripts acme-client@5.4.0 axios@1.21.1 >/dev/null
cat >run.mjs <<'EOF'
import acme from 'acme-client';
// The waits alone are shortened: 5, 10, 15, 20 and 25 seconds by default.
const { acmeSettings } = acme.axios.defaults;
console.log(`by default: ${acmeSettings.retryMaxAttempts} retries, ${acmeSettings.retryDefaultDelay} s longer each time`);
acmeSettings.retryDefaultDelay = 0.01;
let asked = 0;
acme.axios.interceptors.request.use((config) => (asked += 1, config));
const directoryUrl = 'https://127.0.0.1:1/directory';
const failure = async () => {
  asked = 0;
  const client = new acme.Client({ directoryUrl, accountKey: await acme.crypto.createPrivateEcdsaKey() });
  const error = await client.getTermsOfServiceUrl().catch((caught) => caught);
  return `${error.constructor.name}: ${error.message}`;
};
console.log(`as it is: ${await failure()}, asked ${asked} times`);
acme.axios.interceptors.request.clear();
acme.axios.interceptors.response.clear();
console.log(`without its interceptors: ${await failure()}`);
EOF
node run.mjs | tee seen
grep -qx 'by default: 5 retries, 5 s longer each time' seen || fail "the retries"
grep -qx "as it is: TypeError: Cannot read properties of undefined (reading 'config'), asked 6 times" seen || fail "the error"
grep -q '^without its interceptors: AxiosError: .*ECONNREFUSED' seen || fail "what axios says"
