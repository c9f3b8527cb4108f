/**
 * Charts, made where the page is made: no script, and nothing that only colour says. A second series is hatched, so that it
 * is told apart on paper and by those who see no colours. The numbers belong in a table beside.
 */
import { html, type Html } from './html.ts';

/** One bar: what it is of, and how much of each series. */
export interface ChartBar {
  readonly label: string;
  readonly values: readonly number[];
}

/** What a chart shows. */
export interface Chart {
  /** Of this page alone. */
  readonly id: string;
  readonly title: string;
  /** Names of what is counted: one, or two. */
  readonly series: readonly string[];
  readonly bars: readonly ChartBar[];
}

const [WIDTH, HEIGHT] = [480, 170];
const [LEFT, TOP, BOTTOM] = [52, 12, 22];
const PLOT = HEIGHT - TOP - BOTTOM;

/** Bars over time, the series of each on top of one another. */
export function barChart({ id, title, series, bars }: Chart): Html {
  const sums = bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const most = niceTop(Math.max(0, ...sums));
  const step = (WIDTH - LEFT) / Math.max(1, bars.length);
  const total = sums.reduce((sum, value) => sum + value, 0);
  const shown = bars.map((bar, at) => barOf(bar, series, { id, most, step, x: LEFT + at * step }));
  const ticks = [0, Math.floor((bars.length - 1) / 2), bars.length - 1].filter(
    (at, index, all) => all.indexOf(at) === index && at >= 0,
  );
  return html`<figure class="chart">
    <figcaption>${title}${series.length > 1 && legendOf(id, series)}</figcaption>
    <svg
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      role="img"
      aria-label="${title}: ${total} in all, ${Math.max(0, ...sums)} at most. The table has each number."
    >
      <defs>${hatch(id)}</defs>
      ${[0, 0.5, 1].map((part) => lineOf(TOP + PLOT * (1 - part), part * most))} ${shown}
      ${ticks.map((at) => html`<text x="${round(LEFT + (at + 0.5) * step)}" y="${HEIGHT - 6}" text-anchor="${anchorOf(at, bars.length)}">${bars[at]?.label ?? ''}</text>`)}
    </svg>
  </figure>`;
}

/** How much of the greatest a number is, as a bar in a row of a table. */
export function rowBar(value: number, most: number): Html {
  const width = most === 0 ? 0 : Math.max(value > 0 ? 1 : 0, round((value / most) * 100));
  return html`<svg
    class="row-bar"
    viewBox="0 0 100 8"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect x="0" y="0" width="100" height="8" class="rest"></rect>
    <rect x="0" y="0" width="${width}" height="8" fill="currentColor"></rect>
  </svg>`;
}

function barOf(
  { label, values }: ChartBar,
  series: readonly string[],
  { id, most, step, x }: { id: string; most: number; step: number; x: number },
): Html {
  let below = 0;
  const width = round(Math.max(1, step * 0.72));
  const told = values.map((value, at) => `${series[at] ?? ''} ${value}`).join(', ');
  const rects = values.map((value, at) => {
    const height = (value / most) * PLOT;
    below += height;
    // What is there at all is seen, however little of the whole it is.
    const seen = value > 0 ? Math.max(height, 1) : 0;
    const fill = at === 0 ? 'currentColor' : `url(#${id}-hatch)`;
    return html`<rect
      x="${round(x + step * 0.14)}"
      y="${round(TOP + PLOT - below)}"
      width="${width}"
      height="${round(seen)}"
      fill="${fill}"
      ${at > 0 && html` stroke="currentColor" stroke-width="0.75"`}
    ></rect>`;
  });
  return html`<g><title>${label}: ${told}</title>${rects}</g>`;
}

function hatch(id: string): Html {
  return html`<pattern
    id="${id}-hatch"
    width="6"
    height="6"
    patternUnits="userSpaceOnUse"
    patternTransform="rotate(45)"
    ><rect width="2" height="6" fill="currentColor"></rect
  ></pattern>`;
}

function legendOf(id: string, series: readonly string[]): Html {
  const key = (name: string, at: number): Html =>
    html`<span class="key"
      ><svg viewBox="0 0 14 14" aria-hidden="true" focusable="false">
        <rect
          x="1"
          y="1"
          width="12"
          height="12"
          fill="${at === 0 ? 'currentColor' : `url(#${id}-hatch)`}"
          stroke="currentColor"
        ></rect>
      </svg>
      ${name}</span
    >`;
  return html`<span class="keys">${series.map(key)}</span>`;
}

function lineOf(y: number, value: number): Html {
  return html`<line x1="${LEFT}" x2="${WIDTH}" y1="${round(y)}" y2="${round(y)}" class="grid"></line
    ><text x="${LEFT - 6}" y="${round(y + 4)}" text-anchor="end">${shortNumber(value)}</text>`;
}

function anchorOf(at: number, many: number): string {
  if (many < 2) return 'middle';
  return at === 0 ? 'start' : at === many - 1 ? 'end' : 'middle';
}

/** The next 1, 2 or 5 with zeros, so that lines stand at round numbers. */
function niceTop(most: number): number {
  if (most <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 5, 10].find((one) => one * power >= most) ?? 10) * power;
}

function shortNumber(value: number): string {
  if (value >= 1e9) return `${value / 1e9}G`;
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 10_000 ? `${value / 1e3}k` : String(value);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
