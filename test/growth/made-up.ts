/** A control that nobody needs, whole: what whoever adds one writes, and where. */

/** New files, and lines to add to files that are there: each behind a line of that file. */
export interface Change {
  readonly files: Readonly<Record<string, string>>;
  readonly lines: Readonly<Record<string, readonly (readonly [behind: string, line: string])[]>>;
}

const ROOM = 'src/controls/hours';

export const CONTROL: Change = {
  files: {
    [`${ROOM}/hours.options.ts`]: `
import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import type { OptionTable } from '../../core/options.ts';
import { boolean } from '../../core/readers.ts';

/** When the site is open. */
export interface HoursOptions {
  mode?: Mode;
  /** Nobody is served. Default: false. */
  closed?: boolean;
}

/** {@link HoursOptions}, read. */
export interface HoursSettings {
  readonly mode: Mode;
  readonly closed: boolean;
}

/** The defaults and why. */
export const hoursOptions: OptionTable<HoursSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'Who is closed serves nobody.',
    source: 'made up',
    example: "hours: { mode: 'observe' }",
  },
  closed: {
    default: false,
    read: boolean,
    reason: 'A site is there to be visited.',
    source: 'made up',
    example: 'hours: { closed: true }',
  },
};
`,
    [`${ROOM}/hours.events.ts`]: `
export const HOURS_EVENTS = {
  turnedAway: {
    name: 'hours_turned_away',
    level: 'info',
    meaning: 'Someone came while the site was closed.',
    details: { path: 'text' },
  },
} as const;

export const HOURS_PROBLEMS = {
  closed: { type: 'closed-now', title: 'We are closed', status: 503 },
} as const;
`,
    [`${ROOM}/hours.keys.ts`]: `
export const HOURS_KEYS = { mark: { signs: 'hours-mark' } } as const;
`,
    [`${ROOM}/hours.control.ts`]: `
import type { Control, Section } from '../../core/control.ts';
import { HOURS_EVENTS, HOURS_PROBLEMS } from './hours.events.ts';
import { HOURS_KEYS } from './hours.keys.ts';
import { type HoursOptions, hoursOptions, type HoursSettings } from './hours.options.ts';

/** What others collect of this room. */
export const hoursControl: Control<
  { readonly hours: Section<HoursOptions, HoursSettings> },
  typeof HOURS_EVENTS
> = {
  sections: { hours: { table: hoursOptions } },
  events: HOURS_EVENTS,
  problems: HOURS_PROBLEMS,
  keys: HOURS_KEYS,
  guards: ['hours'],
  rules: async () => (await import('./hours.check.ts')).hoursRules,
};
`,
    [`${ROOM}/hours.ts`]: `
/** Turns visitors away while the site is closed, and marks every answer. */
import { eventOf } from '../../core/events.ts';
import type { Guard } from '../../core/guard.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import { HOURS_EVENTS, HOURS_PROBLEMS } from './hours.events.ts';
import { HOURS_KEYS } from './hours.keys.ts';
import type { HoursSettings } from './hours.options.ts';

/** The guard. */
export function hoursGuard({ mode, closed }: HoursSettings, keys: KeyRing): Guard {
  const mark = keys.sign(HOURS_KEYS.mark, String(closed)).toString('base64url', 0, 12);
  return {
    name: 'hours',
    mode,
    onRequest({ path }) {
      if (!closed) return undefined;
      return {
        ...HOURS_PROBLEMS.closed,
        detail: 'Come back tomorrow.',
        event: eventOf(HOURS_EVENTS.turnedAway, { path }),
      };
    },
    onResponse(_exchange, head) {
      head.setHeader('X-Hours', mark);
    },
  };
}
`,
    [`${ROOM}/hours.check.ts`]: `
import { held, notSeen, type Rule } from '../../core/rule.ts';

/** The rules. */
export const hoursRules: readonly Rule[] = [
  {
    id: 'hours.marked',
    title: 'Every answer is marked',
    level: 'note',
    guide: 4,
    asvs: [],
    cwe: [],
    needs: 'site',
    run: async ({ askOnce }) => {
      const { rawHeaders } = await askOnce();
      return rawHeaders.some((name) => name.toLowerCase() === 'x-hours') ? held('marked') : notSeen('no mark');
    },
  },
];
`,
    [`${ROOM}/hours.rows.test.ts`]: `
import assert from 'node:assert/strict';
import type { Recorded } from '../../testing/recorder.ts';

export const CHECK_ROWS = {
  'hours.marked': { outcomes: '+ ? ? ? ? ?', without: { policy: { hours: { mode: 'off' } }, careless: {} } },
} as const;

export const MODE_ROWS: readonly object[] = [
  {
    guard: 'hours',
    holds: 'nobody is served while the site is closed',
    section: 'hours',
    policy: { hours: { closed: true } },
    asked: {},
    check: ({ verdict }: Recorded) => assert.equal(verdict?.status, 503),
  },
];
`,
    [`${ROOM}/hours.test.ts`]: `
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { hoursGuard } from './hours.ts';

test('turns a visitor away while the site is closed', async () => {
  const keys = new KeyRing([Buffer.alloc(32, 1)]);
  const verdict = await hoursGuard({ mode: 'enforce', closed: true }, keys).onRequest?.(sketchExchange());
  assert.equal(verdict?.status, 503);
});
`,
    [`${ROOM}/README.md`]: `# hours: turning visitors away

**Attack.** None. **Default.** Open. **Not covered.** Everything. **Options.** [\`hours.options.ts\`](hours.options.ts).
`,
  },
  lines: {
    'src/policy/controls.ts': [
      [
        "import { headersControl } from '../controls/headers/headers.control.ts';",
        "import { hoursControl } from '../controls/hours/hours.control.ts';",
      ],
      ['  readonly headers: typeof headersControl;', '  readonly hours: typeof hoursControl;'],
      ['  headers: headersControl,', '  hours: hoursControl,'],
    ],
    'src/layer/order.ts': [
      [
        "import { headersGuard } from '../controls/headers/headers.ts';",
        "import { hoursGuard } from '../controls/hours/hours.ts';",
      ],
      [
        '    csrfGuard(policy.csrf, ownOrigins, policy.keys, policy.state.counters),',
        "    // Before access, which is nobody's while the site is closed.\n    hoursGuard(policy.hours, policy.keys),",
      ],
    ],
  },
};

export const EVENT: Change = {
  files: {},
  lines: {
    'src/controls/csrf/csrf.events.ts': [
      [
        'export const CSRF_EVENTS = {',
        "  tried: { name: 'csrf_tried', level: 'info', meaning: 'Someone tried a thing.', details: { thing: 'text' } },",
      ],
    ],
  },
};

export const COMMAND: Change = {
  files: {
    'src/cli/greet.ts': `
import type { Define } from './main.ts';

/** \`bulwark greet\`. */
export const define: Define = (command, { out }) => {
  command.action(() => void out.write('Good day.\\n'));
};
`,
  },
  lines: {
    'src/cli/main.ts': [
      [
        'const COMMANDS: readonly Entry[] = [',
        "  { name: 'greet', summary: 'say good day', load: () => import('./greet.ts') },",
      ],
    ],
  },
};

export const RULE: Change = {
  files: {},
  lines: {
    'src/controls/headers/headers.check.ts': [
      [
        'export const headersRules: readonly Rule[] = [',
        `  {
    id: 'headers.made-up',
    title: 'Nothing is made up',
    level: 'note',
    guide: 4,
    asvs: [],
    cwe: [],
    needs: 'site',
    run: () => held('nothing was asked'),
  },`,
      ],
    ],
    'test/check/expected.ts': [
      [
        'const OF_OURS: Readonly<Record<string, Expected>> = {',
        "  'headers.made-up': row('+ + + + + +', noHeaders),",
      ],
    ],
  },
};

/** An account page, with the rule of its route and its words. */
export const PAGE: Change = {
  files: {
    'src/account-pages/greet-page.ts': `
import { html } from '../ui/html.ts';
import { page, type PageHandler } from './exchange.ts';

/** \`GET /account/greet\`. */
export const showGreeting: PageHandler = (_context, { words: { say } }) =>
  page(say('greet.title'), html\`<h1>\${say('greet.text', { day: 'Monday' })}</h1>\`);
`,
    'src/accounts/words/greet.en.ts': `
/** What the page of greetings says, in English. */
export const greetEn = () => ({ 'greet.title': 'Hello', 'greet.text': 'Good {day}.' }) as const;
`,
    'src/accounts/words/greet.de.ts': `
/** What the page of greetings says, in German. */
import type { greetEn } from './greet.en.ts';

export const greetDe = (): Readonly<Record<keyof ReturnType<typeof greetEn>, string>> => ({
  'greet.title': 'Hallo',
  'greet.text': 'Guten {day}.',
});
`,
    'src/accounts/words/greet.fr.ts': `
/** What the page of greetings says, in French. */
import type { greetEn } from './greet.en.ts';

export const greetFr = (): Readonly<Record<keyof ReturnType<typeof greetEn>, string>> => ({
  'greet.title': 'Bonjour',
  'greet.text': 'Bon {day}.',
});
`,
    'src/accounts/words/greet.es.ts': `
/** What the page of greetings says, in Spanish. */
import type { greetEn } from './greet.en.ts';

export const greetEs = (): Readonly<Record<keyof ReturnType<typeof greetEn>, string>> => ({
  'greet.title': 'Hola',
  'greet.text': 'Buen {day}.',
});
`,
    'src/accounts/words/greet.ar.ts': `
/** What the page of greetings says, in Arabic. */
import type { greetEn } from './greet.en.ts';

export const greetAr = (): Readonly<Record<keyof ReturnType<typeof greetEn>, string>> => ({
  'greet.title': 'Salam',
  'greet.text': 'Salam {day}.',
});
`,
  },
  lines: {
    'src/account-pages/account-pages.ts': [
      ["import { at } from './own-path.ts';", "import { showGreeting } from './greet-page.ts';"],
      ["  ['GET /account', showAccount],", "  ['GET /account/greet', showGreeting],"],
    ],
    'src/accounts/pages/pages.ts': [
      ["  '/account/email': FRESH,", "  '/account/greet': { require: 'signed-in' },"],
      [
        "import { factorsEn } from '../words/factors.en.ts';",
        ['ar', 'de', 'en', 'es', 'fr']
          .map(
            (code) => `import { greet${code[0]?.toUpperCase()}${code[1]} } from '../words/greet.${code}.ts';`,
          )
          .join('\n'),
      ],
      ['  ReturnType<typeof tokensEn> &', '  ReturnType<typeof greetEn> &'],
      ...['Ar', 'De', 'En', 'Es', 'Fr'].map((code): [string, string] => [
        `    ...tokens${code}(),`,
        `    ...greet${code}(),`,
      ]),
    ],
  },
};
