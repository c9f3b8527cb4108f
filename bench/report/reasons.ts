/**
 * Why the dearest places of Bulwark cost what they cost, by file and function: what the page says beside the profile.
 * A place that comes up and has none is named on standard error when the page is written.
 */
export const REASONS: Readonly<Record<string, string>> = {
  'src/node/response.ts sealedWriteHead':
    "the one place where every head leaves. It is put over Node's own, since a framework, a middleware or a handler writes the head in one of several ways, and a header that is set after the guards have looked would leave unseen.",
  'src/node/response.ts putHeaders':
    'headers that a handler hands to `writeHead` go into the response one by one first: there the guards see and raise them, cookies above all. Handlers that call `setHeader` do not pay for it.',
  'src/node/node-host.ts handleExchange':
    'seals the response and asks for a verdict. Most of what is charged to it is functions that the compiler put into it: the body guard of a chunked request, the hand-over to the application.',
  'src/layer/layer.ts #decideFrom':
    'the loop over the guards. Each is another function behind one call, which the compiler can therefore not put in place; a chain without the loop would be a chain that nobody can reorder, observe or switch off.',
  'src/layer/layer.ts dress': 'the same loop over the guards that write headers, as the head leaves.',
  'src/controls/headers/headers.ts onResponse':
    'asks the head for each name that it writes or removes, so that a stronger value of the application stays and two lines of one header never leave. Writing them unasked would be cheaper, and would weaken some applications.',
  'src/controls/headers/headers.ts raise':
    'one question to the head for each fixed header: see above, it is the price of keeping what the application has set.',
  'src/controls/firewall/framing.ts readLines':
    'looks at the name of every line that came, since Node keeps the first of two Hosts and tells nobody. It grows with the lines of the request, 17 here.',
  'src/node/protector.ts middleware':
    'makes the exchange and the view of it, one object each, and everything that guards and handlers know of a request hangs on them.',
  'src/adapters/node.ts (anonymous)':
    'calls the handler and waits for what it returns: a handler that fails later must end in an answer too.',
  'src/controls/sessions/session-cookie.ts hashSessionId':
    'SHA-256 of the session id: a store that leaks opens no session.',
  'src/controls/sessions/sessions.ts use':
    'finds the cookie and asks the store; the hash of the id is in it.',
};
