/**
 * What a visitor's report may become a line of. Whoever gets markup into a page makes real visitors' browsers report it, from as
 * many addresses as there are visitors: that many agree says that it happened, and not that it is wanted.
 */
import type { Directive } from './csp-grammar.ts';

/** A host that was named, a path of this site, a scheme without hosts, or a word. */
export type Form = 'host' | "'self'" | 'data:' | 'blob:' | "'wasm-unsafe-eval'";

/** Forms that may be written for what was reported of a directive; of all others a person has to think. */
export interface FromReports {
  readonly lines: readonly Form[];
  /** Why these, or why none. Where a line is not made, this is said in its place. */
  readonly because: string;
}

const IMAGES: FromReports = {
  lines: ['host', "'self'", 'data:', 'blob:'],
  because: 'what is shown or played runs nothing, and data: and blob: have no server behind them',
};
const STYLES: FromReports = {
  lines: ['host', "'self'"],
  because: 'a style sheet runs nothing; by data: and blob: whatever gets into the page brings its own',
};
const SCRIPTS: FromReports = {
  lines: [],
  because: 'a <script src> that somebody got into a page is reported just so, and would run',
};

/** By directive. A network scheme such as `https:` is in none: it opens every host there is. */
export const FROM_REPORTS: Readonly<Record<Directive, FromReports>> = {
  'default-src': {
    lines: [],
    because: 'it stands for every directive that is not named, scripts among them: name the one that it is',
  },
  'script-src': { ...SCRIPTS, lines: ["'wasm-unsafe-eval'"] },
  'script-src-elem': SCRIPTS,
  'script-src-attr': { lines: [], because: 'an attribute comes from nowhere that could be named' },
  'style-src': STYLES,
  'style-src-elem': STYLES,
  'style-src-attr': { lines: [], because: 'an attribute comes from nowhere that could be named' },
  'img-src': IMAGES,
  'font-src': IMAGES,
  'media-src': IMAGES,
  'connect-src': {
    lines: ['host', "'self'"],
    because: 'only script that runs already connects; a scheme has no host that it could be sent to',
  },
  'manifest-src': { lines: ['host', "'self'"], because: 'a manifest names icons and a title' },
  'worker-src': {
    lines: ["'self'"],
    because: 'browsers start workers from files of their own site; data: and blob: are script of anybody',
  },
  'child-src': { lines: [], because: 'it stands for frame-src and worker-src: name the one that it is' },
  'frame-src': {
    lines: ['host', "'self'"],
    because:
      'a frame has the rights of its own site; one of data: or blob: shows whatever was put into the page',
  },
  'object-src': { lines: [], because: 'an <object> or <embed>: a frame or a link in its place' },
  'base-uri': {
    lines: [],
    because:
      'a <base> that somebody got into a page is reported just so, and every script by a relative path would come from there',
  },
  'form-action': {
    lines: [],
    because: 'a <form> that somebody got into a page is reported just so, and passwords would go there',
  },
  'frame-ancestors': {
    lines: [],
    because: "somebody framed it: frame: ['https://partner.example'] at its route, if they are to",
  },
  sandbox: { lines: [], because: 'each word takes back a part of what it shuts in' },
  'trusted-types': { lines: [], because: 'a policy that somebody made up could be named like one of yours' },
  'upgrade-insecure-requests': { lines: [], because: 'it names no sources' },
};
