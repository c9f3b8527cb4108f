/** Why the check does not say what another scanner says of the tests' applications. Each of these was read in its place. */

interface Reason {
  /** What the other one calls it. */
  readonly ids: readonly string[];
  /** The places it was read in: what is said of another place has no reason yet. */
  readonly at: readonly string[];
  readonly why: string;
}

const PINS = 'careless-deployment/Dockerfile';
const WORKER = 'careless-deployment/worker.Dockerfile';

/** What is no fault that anybody planted, even where it stands beside one: it is not counted for whoever says it. */
const BESIDE: readonly Reason[] = [
  {
    ids: ['B104', 'S104'],
    at: ['careless/wsgi.py:6', 'careless-fastapi/api/main.py:87'],
    why: 'whatever runs in a container listens on all of its addresses; who reaches it is decided outside, and said there (`config.compose-port`)',
  },
  {
    ids: ['B113', 'S113'],
    at: ['careless/shop/tools.py:53'],
    why: 'true: an answer that never comes holds a worker. It opens nothing, and stands in most programs: the check says of waiting what a visitor can cause',
  },
  {
    ids: ['cookie_session_no_domain', 'cookie_session_no_path'],
    at: ['careless-express/app.js:15'],
    why: 'without a domain a cookie goes to one host alone, which is the narrower; a path is no boundary between pages of one origin',
  },
  {
    ids: ['cookie_session_no_maxage'],
    at: ['careless-express/app.js:15'],
    why: 'without one the cookie ends with the browser; how long a session lives is decided on the server',
  },
  {
    ids: ['cookie_session_default'],
    at: ['careless-express/app.js:15'],
    why: 'the name of the cookie says which package is used: so do a dozen other things, and the package holds',
  },
  {
    ids: ['DL3008'],
    at: [`${PINS}:13`],
    why: "a distribution takes a package's older version away when it mends it: whoever pins it builds no more, or keeps the hole",
  },
  {
    ids: [
      'DL3009',
      'DL3015',
      'DL3042',
      'DL3047',
      'DL3059',
      'apt-get update with matching cache rm',
      'Consider `--no-install-recommends`',
    ],
    at: [`${PINS}:4`, `${PINS}:6`, `${PINS}:13`, `${PINS}:14`, `${PINS}:15`],
    why: 'size of an image and length of its log',
  },
  {
    ids: ['DL3045'],
    at: [`${PINS}:5`],
    why: 'where a file comes to lie: it is found or it is not, and opens nothing',
  },
  {
    ids: ['DL3066'],
    at: [`${WORKER}:5`],
    why: 'true where somebody checks by number that the user is not root; here it is root, which is said',
  },
];

const IMPORT = 'an import does nothing; what is done with it is said where it is done';
const QUERIES = [
  'careless/shop/database.py:9',
  'careless/shop/database.py:13',
  'django-site/entries/views.py:25',
  'good-django/entries/views.py:19',
  'good-flask/notes/database.py:12',
];

const NOWHERE: readonly Reason[] = [
  {
    ids: ['B403', 'B404', 'B405'],
    at: [
      'careless-fastapi/api/main.py:1',
      'careless/shop/tools.py:3',
      'careless/shop/tools.py:5',
      'careless/shop/tools.py:7',
      'django-site/entries/views.py:1',
    ],
    why: IMPORT,
  },
  {
    ids: ['B608', 'S608'],
    at: QUERIES,
    why: 'what is put in is a number, a name of a list, or a constant: no text of a request reaches it, and the values are bound',
  },
  {
    ids: ['B307', 'S307'],
    at: ['careless-fastapi/api/main.py:53'],
    why: 'a constant is evaluated: nobody chooses it',
  },
  {
    ids: ['B603', 'S603', 'B605', 'S605'],
    at: ['careless/shop/tools.py:28', 'careless/shop/tools.py:77'],
    why: 'a list of arguments without a shell, or a constant: nothing of a request becomes a command',
  },
  {
    ids: ['B607', 'S607'],
    at: ['careless/shop/tools.py:28', 'careless/shop/tools.py:77'],
    why: 'a program by its name is found by the PATH of whoever starts the application, who could start anything',
  },
  {
    ids: ['invalid-syntax'],
    at: ['careless/shop/old.py:4'],
    why: 'said, too: a file that could not be read is a warning of `source.scanned`',
  },
  {
    ids: ['security/detect-possible-timing-attacks'],
    at: ['good-express/app.mjs:14'],
    why: 'a secret is compared with undefined, at the start',
  },
  {
    ids: ['security/detect-object-injection'],
    at: ['good-express/db.mjs:12'],
    why: 'the key is one of a list',
  },
  {
    ids: ['ejs_ect_template'],
    at: ['good-express/views/note.ejs:3'],
    why: 'what is written unescaped there is JSON whose `<` was replaced: no element can begin in it',
  },
];

/** Whether what another one says is about something that nobody planted, wherever it stands. */
export function isBeside(id: string, place: string): boolean {
  return BESIDE.some(({ ids, at }) => ids.includes(id) && at.includes(place));
}

/** Why the check does not say it; undefined where nobody has read it. */
export function whyNot(id: string, place: string): string | undefined {
  return [...BESIDE, ...NOWHERE].find(({ ids, at }) => ids.includes(id) && at.includes(place))?.why;
}
