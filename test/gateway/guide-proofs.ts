/** For each claim of the guides to the gateway the test that holds it: a file, and words of the test in it. */

type Proof = readonly [file: string, words: string];
/** By first cell; or one test that reads the whole table. */
type Table = Proof | Readonly<Record<string, Proof>>;

const GUIDE = 'test/gateway/flask-guide.test.ts';
const CLAIMS = 'test/gateway/flask-claims.test.ts';
const VAULT = 'test/gateway/vault.test.ts';
const OUTCOME = 'src/gateway/sign-in/outcome.test.ts';
const SIGN_IN = 'test/gateway/sign-in.test.ts';
const LIMITS = 'src/gateway/sign-in/limits.test.ts';
const RUNNING = 'test/gateway/running.test.ts';
const PAGE_CODE = 'src/gateway/pages/page-code.test.ts';
const OFFERS = 'src/gateway/pages/offers.test.ts';
const FLOODS = 'test/gateway/http2-floods.test.ts';
const HTTP2 = 'test/gateway/http2.test.ts';
const TLS = 'test/gateway/tls.test.ts';
const GROUP = 'src/gateway/upstream/group.test.ts';
const DEFAULTS: Proof = ['test/gateway/guide-claims.test.ts', 'of times and sizes is the default'];
const PAST_FAILURES: Proof = ['test/past-failures/manual.test.ts', 'every test that an entry names is there'];

/** By guide and heading. */
export const ROWS: Readonly<Record<string, Readonly<Record<string, Table>>>> = {
  flask: {
    'What it does': {
      requests: ['test/gateway/odd-requests.test.ts', 'readOnce'],
      limits: [CLAIMS, 'two hundred requests a minute'],
      'sign-ins': [SIGN_IN, 'its owner is not'],
      'other sites': ['test/gateway/forged.test.ts', 'without one there is nothing to forge with'],
      uploads: [CLAIMS, 'ten megabytes'],
      cookies: ['test/gateway/flask.test.ts', 'Secure; HttpOnly; SameSite=Lax'],
      caches: ['src/gateway/answers/private-answers.test.ts', 'is not stored'],
      headers: ['test/gateway/flask.test.ts', "script-src 'nonce-"],
      errors: ['test/gateway/debug-pages.test.ts', 'for developers'],
      answers: ['test/gateway/answers.test.ts', 'can be read in two ways is a 502'],
    },
    'What `check` says of your site today': [GUIDE, 'every rule of the table falls short of the bare notes'],
    'The sections of a hardening guide': {
      '1. configuration and secrets': ['src/policy/read-policy.test.ts', 'ERR_BULWARK_SECRET'],
      '2. https and HSTS': [GUIDE, 'what it says of https'],
      '3. sessions and cookies': [VAULT, 'it ends where it lies idle'],
      '4. CSRF': ['test/gateway/own-csrf.test.ts', 'never hears of what another site sends'],
      '5. passwords and limits': ['test/gateway/sign-in-stores.test.ts', 'ten are let through in all'],
      '6. input and uploads': [CLAIMS, 'ten megabytes'],
      '7. content security policy': ['test/gateway/pages.test.ts', 'a template prints the nonce'],
      '8. dependencies': ['examples/flask/requirements.txt', '--hash=sha256:'],
      '9. logs': [CLAIMS, 'one line for each refusal'],
      '10. safe defaults': ['src/gateway/answers/private-answers.test.ts', 'is not stored'],
      '11. hardening': [CLAIMS, 'odd methods'],
    },
    'Who is signed in': {
      'who decides': ['test/gateway/flask.test.ts', 'signs in, keeps notes, and signs out'],
      'how does the gateway know': [OUTCOME, 'the form again is a failure'],
      'what does the log have': [SIGN_IN, 'authn_login_success'],
      'who may sign in how often': [SIGN_IN, 'held up after five tries'],
      'who ends a sign-in': [VAULT, 'opens nothing after it'],
    },
    'The vault: a sign-out that holds': {
      'sign-out': [VAULT, 'copied before the sign-out opens nothing after it'],
      time: [VAULT, 'at its absolute end'],
      revocation: [VAULT, 'ended from the server by the name of the user'],
      'another user': [VAULT, 'another user has another handle'],
      'two answers at once': ['src/gateway/vault/vault.test.ts', 'at once'],
      'the store': ['test/gateway/vault-stores.test.ts', 'what the store holds opens nothing'],
      WebSockets: ['test/gateway/revoked.test.ts', 'end with the session that opened them'],
    },
    Servers: [GUIDE, 'as the table has it'],
    '"Your guide says ..."': PAST_FAILURES,
  },
  'running-the-gateway': {
    Processes: {
      SIGHUP: [RUNNING, 'the oldest of more than four reloads takes its WebSocket along'],
      'SIGHUP, with a problem in the policy': [RUNNING, 'a policy with a problem is refused and told'],
      'SIGTERM, SIGINT': [RUNNING, 'answers what is under way, and ends with 0'],
      SIGKILL: ['test/gateway/killed.test.ts', 'who was signed in still is, and no worker is left behind'],
    },
    'What it says of itself': {
      '`/-/health`': [RUNNING, 'operators are told on a listener of their own'],
      '`/-/ready`': [RUNNING, 'it is not ready while no upstream is there'],
      '`/-/metrics`': ['src/gateway/running/all-figures.test.ts', 'what only grows goes on over workers'],
    },
  },
  'flask-csp': {
    'Three ways for a script to run': {
      'a hash': [
        'test/browser/gateway.test.ts',
        'does not run under the policy with what is: the own scripts of the page do',
      ],
      'the nonce': ['test/gateway/pages.test.ts', 'a template prints the nonce of the policy'],
      'a file of this site': ['src/gateway/pages/accepted-sources.test.ts', 'hosts take its place'],
    },
    'What is offered, and what is not': {
      offered: [OFFERS, 'is offered what several clients had and nobody sent'],
      'one client had it alone': ['src/cli/gateway-csp.test.ts', 'accepts by name what one client had alone'],
      'a visitor sent it': ['test/gateway/pages.test.ts', 'is known as a visitor'],
      'only requests that had it got it back': ['test/gateway/pages.test.ts', "known as the request's own"],
      'no policy should let this in': [
        'src/gateway/pages/accepted-sources.test.ts',
        'with what a policy refuses',
      ],
    },
    'What learning cannot see': {
      "pages that nobody opened while it looked, or that only some people have (an administrator's, an error's)":
        [OFFERS, 'needs not be seen'],
      'what scripts make when they run: `eval`, `new Function`, a text for `setTimeout`, elements with `onclick`':
        [PAGE_CODE, 'what a script makes when it runs'],
      'scripts that a script loads from other hosts': [PAGE_CODE, 'what a script makes when it runs'],
      'answers that are no HTML: markup within JSON that a script puts into the page, SVG opened by itself': [
        'src/gateway/pages/pages.test.ts',
        'what is no page',
      ],
      'frames with their page in `srcdoc`, or from `data:`': [PAGE_CODE, 'what a frame has within itself'],
      'answers of 500 and above, those that come packed, the part behind half a megabyte, more than 20 pages a second':
        ['src/gateway/pages/pages.test.ts', 'no more than twenty pages of a second'],
      "what a service worker or the browser's cache shows": [
        'test/gateway/pages.test.ts',
        'is asked for without one',
      ],
    },
  },
  'sign-ins-behind-the-gateway': {
    'What happens without a line of yours': {
      'the form is found': [SIGN_IN, 'tells success from failure, and finds the form'],
      'one client, one account': [LIMITS, 'pauses of one pair grow from a second to a quarter of an hour'],
      'one account, from everywhere': [LIMITS, 'comes to about a hundred a day'],
      'one client, many accounts': [SIGN_IN, 'one client that tries many accounts is held up'],
      'a browser from which the account signed in before': [
        LIMITS,
        'a browser that is known is counted for itself',
      ],
      'too many': [SIGN_IN, 'held up after five tries'],
      'the log': [SIGN_IN, 'authn_login_fail_max'],
    },
    'How a success is told from a failure': {
      "Flask's cookie names a user who was not there before": [
        OUTCOME,
        'a redirect elsewhere with a session',
      ],
      'another session id than before, or a new session cookie': [OUTCOME, 'the form again is a failure'],
      'a redirect elsewhere': [OUTCOME, 'a status that refuses is a failure'],
      'a token in JSON': [OUTCOME, 'JSON is read: a token, a word of failure'],
    },
  },
  tls: {
    'What is spoken': {
      'calls requests off, over and over (rapid reset)': [
        FLOODS,
        'calling requests off is counted by client',
      ],
      'PING or SETTINGS, over and over': [FLOODS, 'PING (CVE-2019-9512)'],
      'any bytes that ask for nothing: windows opened by a byte, priorities, padding': [
        FLOODS,
        'a window that is opened byte by byte',
      ],
      'empty frames of a body, a head without end': [FLOODS, 'CONTINUATION (CVE-2024-27983)'],
      'a head of over 16 KB, over 100 lines': [HTTP2, "'x-long': 'a'.repeat(20_000)"],
      'does not open its window': [HTTP2, 'a client that does not read is cut by the pace of the policy'],
      'keeps a connection and asks nothing': [HTTP2, 'a connection without a request is let go'],
      'opens many streams over many connections': [HTTP2, 'four times as many streams as connections'],
    },
  },
};

/** By guide and words of the sentence. */
export const FIGURES: Readonly<Record<string, Readonly<Record<string, Proof>>>> = {
  flask: {
    '503 for who brings a handle': [
      'src/gateway/vault/vault.test.ts',
      'refuses who brings a handle, serves who brings none',
    ],
    'Under these each request has a connection of its own': [
      'test/gateway/kept-connections.test.ts',
      'each request has a connection of its own, and none is left open',
    ],
    'connections are kept for a second less': [
      'src/gateway/upstream/stated-life.test.ts',
      'a second less than is said',
    ],
    '`--keep-alive 1s` keeps': ['src/gateway/upstream/kept.test.ts', 'where nothing is kept alive'],
    'always has a connection of its own': [
      'src/gateway/upstream/kept.test.ts',
      'what may change something, and what has no visitor',
    ],
    'it is tried every two seconds': DEFAULTS,
    'answers 500 and up is left out': [GROUP, 'what fails its checks gets no new request'],
    'have that page answer 503': [GROUP, 'what fails its checks gets no new request'],
    'The application is gone: 503': [
      'test/gateway/upstream-gone.test.ts',
      'is told as gone to everybody, at once',
    ],
    'It is late: 504 after a minute': DEFAULTS,
    'for up to 30 seconds': DEFAULTS,
  },
  'running-the-gateway': {
    'a thousand are looked at a second': [
      'src/gateway/open-streams.test.ts',
      'a thousand a second are looked at',
    ],
    'Exit code 1 as long as': ['src/cli/sessions.test.ts', 'lines, JSON, exit codes'],
    'What people see where the application does not answer': [
      'test/gateway/error-pages.test.ts',
      'stand in the place of ours, for people',
    ],
    'one file of HTML of up to 64 KB': [
      'src/gateway/answers/error-pages.test.ts',
      'missing, too large, no text',
    ],
  },
  'flask-csp': {
    'the first 400 characters of each text': [
      'src/gateway/pages/sighting.test.ts',
      'no more of it is kept than is shown',
    ],
    'eight paths and eight addresses of clients': ['src/gateway/pages/seen-code.test.ts', 'places are few'],
    'No more than 20 pages a second are read': [
      'src/gateway/pages/pages.test.ts',
      'no more than twenty pages of a second',
    ],
  },
  'sign-ins-behind-the-gateway': {
    'a failed sign-in to Flask is a 200': [SIGN_IN, 'tells success from failure'],
    'sign-ins are answered with 503': [
      'test/gateway/sign-in-stores.test.ts',
      'where it is gone nobody signs in',
    ],
    'good for 180 days': ['src/gateway/sign-in/known-browser.test.ts', 'Max-Age=15552000'],
    'a body of more than 64 KB': ['test/gateway/sign-in-ways.test.ts', 'an upload of any size passes'],
    // Of what it cannot do.
    'a second factor': ['src/policy/read-policy.test.ts', 'test('],
  },
  tls: {
    'those for any other are refused (421)': [TLS, 'plain http beside it is sent home'],
    'so that port 80 may stay shut': ['test/gateway/acme.test.ts', "['tls-alpn-01', 'http-01']"],
    '0700, files 0600': ['test/gateway/acme.test.ts', '0o700'],
    'with a third of its life left': [
      'src/gateway/tls/acme/renewal.test.ts',
      'with a third of its life left',
    ],
    'after a minute, then twice as long each time': [
      'src/gateway/tls/acme/renewal.test.ts',
      'then twice as long each time',
    ],
    'The two files are read every two seconds': [
      TLS,
      'a certificate that changes under load loses no request',
    ],
    '`certificate_ending` comes once a day': [
      'src/gateway/tls/certificate.test.ts',
      'with a fifth of its life left',
    ],
    'TLS 1.2 and 1.3, with suites': [TLS, 'TLS is 1.2 or 1.3'],
    'No renegotiation, no 0-RTT': [TLS, 'a connection is not negotiated anew by its client'],
    'Tickets live for two hours': [TLS, 'lifetime hint: 7200'],
    'replaced every twelve hours': ['src/gateway/tls/ticket-keys.test.ts', 'another one after twelve hours'],
    'HTTP/2 has 128 streams a connection': [HTTP2, 'maxConcurrentStreams'],
    'is spoken HTTP/1.1 with for a minute': [FLOODS, 'is spoken HTTP/1.1 with for a minute'],
  },
};
