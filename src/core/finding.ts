/** What the checker speaks in: rules look at observations and return findings, each with evidence and a fix. */

/** One answer of an application, as seen from outside. */
export interface Observation {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** Something that fell short. */
export interface Finding {
  /** The rule, such as `headers.nosniff`. */
  readonly rule: string;
  readonly level: 'error' | 'warning';
  readonly message: string;
  /** What was seen, quoted from the answer. */
  readonly evidence: string;
  /** What to write. */
  readonly fix: string;
}

/** The request a rule wants sent. A relative target is resolved against the URL under test. */
export interface Probe {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One thing that is tested: a probe, and a pure function from its answer to findings. Ids are never reused. */
export interface Rule {
  readonly id: string;
  /** One line of the go-live checklist. */
  readonly title: string;
  /** Requirements of OWASP ASVS 5.0 that it speaks to, such as `v5.0.0-3.4.1`. */
  readonly asvs: readonly string[];
  readonly probe: Probe;
  readonly check: (seen: Observation) => readonly Omit<Finding, 'rule'>[];
}

/** What most rules send: a plain GET of the page under test, as a browser that navigates to it. */
export const PLAIN_GET: Probe = { method: 'GET', target: '', headers: { accept: 'text/html' } };

/** Every value of a header in an observation, in order. */
export function headerValues(seen: Observation, name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < seen.rawHeaders.length; index += 2) {
    if (seen.rawHeaders[index]?.toLowerCase() === name) values.push(seen.rawHeaders[index + 1] ?? '');
  }
  return values;
}
