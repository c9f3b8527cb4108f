/** Small plots as SVG: they follow the reader's light or dark theme and need no script. */

/** Bars under headings. */
export interface BarChart {
  readonly title: string;
  readonly unit: string;
  readonly groups: readonly { readonly name: string; readonly bars: readonly Bar[] }[];
}

/** One bar. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Ours stand out. */
  readonly own: boolean;
}

/** Lines over a logarithmic axis. */
export interface LineChart {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

/** One line, by size and value. */
export interface Line {
  readonly name: string;
  readonly own: boolean;
  readonly points: readonly (readonly [size: number, value: number])[];
}

const WIDTH = 720;
const LABEL = 190;
const BAR = 16;
const GAP = 5;
const GROUP = 30;
const TOP = 44;
const PANEL_WIDTH = 420;
const PANEL_HEIGHT = 180;
const PANEL_LEFT = 60;
const PANEL_SPACE = 76;

/** Horizontal bars, the value beside each. */
export function barChart({ title, unit, groups }: BarChart): string {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const scale = (WIDTH - LABEL - 70) / most;
  const parts: string[] = [];
  let y = TOP;
  for (const { name, bars } of groups) {
    parts.push(text(0, y + 12, name, 'strong'));
    y += 20;
    for (const bar of bars) {
      const width = Math.max(1, bar.value * scale).toFixed(1);
      parts.push(text(LABEL - 8, y + 12, bar.name, 'end'));
      parts.push(`<rect class="${own(bar)}" x="${LABEL}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`);
      parts.push(text(LABEL + Number(width) + 6, y + 12, bar.value.toFixed(1), 'value'));
      y += BAR + GAP;
    }
    y += GROUP - 20;
  }
  return document(WIDTH, y, `${title}, ${unit}`, parts);
}

/** Panels with lines, one below the other. Both axes are logarithmic. */
export function lineCharts(title: string, charts: readonly LineChart[]): string {
  const parts = charts.flatMap((chart, index) => {
    const top = TOP + 20 + index * (PANEL_HEIGHT + PANEL_SPACE);
    return panel(chart, top);
  });
  const height = TOP + 20 + charts.length * (PANEL_HEIGHT + PANEL_SPACE) - 20;
  return document(WIDTH, height, title, parts);
}

function panel({ title, unit, lines }: LineChart, top: number): string[] {
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(([size]) => size)))].sort(
    (a, b) => a - b,
  );
  const values = lines.flatMap(({ points }) => points.map(([, value]) => Math.max(value, 0.01)));
  const x = logScale(sizes, PANEL_LEFT, PANEL_LEFT + PANEL_WIDTH);
  const ticks = decades(values);
  const y = logScale(ticks, top + PANEL_HEIGHT, top);
  const right = PANEL_LEFT + PANEL_WIDTH;
  return [
    text(0, top - 14, `${title}, ${unit}`, 'strong'),
    ...ticks.map((tick) => `<path class="grid" d="M${PANEL_LEFT} ${y(tick)}H${right}"/>`),
    ...ticks.map((tick) => text(PANEL_LEFT - 8, y(tick) + 4, tick.toLocaleString('en'), 'end')),
    ...sizes.map((size) => text(x(size), top + PANEL_HEIGHT + 18, size.toLocaleString('en'), 'middle')),
    ...lines.flatMap((line) => drawLine(line, x, y)),
    ...nameLines(lines, y, right),
  ];
}

type Scale = (value: number) => number;

function drawLine(line: Line, x: Scale, y: Scale): string[] {
  const places = line.points.map(([size, value]) => [x(size), y(value)] as const);
  const path = places.map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${px} ${py}`).join('');
  const dots = places.map(([px, py]) => `<circle class="${own(line)}" cx="${px}" cy="${py}" r="3"/>`);
  return [`<path class="${own(line)} line" d="${path}"/>`, ...dots];
}

/** Names at the right end, pushed apart where they would lie on each other. */
function nameLines(lines: readonly Line[], y: Scale, right: number): string[] {
  const ends = lines
    .map((line) => ({ line, at: y(line.points.at(-1)?.[1] ?? 1) + 4 }))
    .sort((a, b) => a.at - b.at);
  let last = Number.NEGATIVE_INFINITY;
  return ends.map(({ line, at }) => {
    last = Math.max(at, last + 14);
    return text(right + 10, last, line.name, line.own ? 'strong' : 'value');
  });
}

function logScale(values: readonly number[], from: number, to: number): Scale {
  const [low, high] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  const span = high - low || 1;
  return (value) =>
    Math.round((from + ((Math.log10(Math.max(value, 0.01)) - low) / span) * (to - from)) * 10) / 10;
}

function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: high - low + 1 }, (_, index) => Number((10 ** (low + index)).toPrecision(1)));
}

function own({ own: ours }: { readonly own: boolean }): string {
  return ours ? 'own' : 'other';
}

function text(x: number, y: number, words: string, kind: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${escape(words)}</text>`;
}

function document(width: number, height: number, title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -4 ${width + 24} ${height + 16}" role="img" aria-label="${escape(title)}">
<style>
svg { font: 13px system-ui, sans-serif; background: #fff }
text { fill: #444 } .strong { fill: #111; font-weight: 600 } .end { text-anchor: end } .middle { text-anchor: middle }
.own { fill: #0b62c4; stroke: #0b62c4 } .other { fill: #b9bec6; stroke: #b9bec6 } rect { stroke: none }
.line { fill: none; stroke-width: 2 } .grid { stroke: #e4e6ea }
@media (prefers-color-scheme: dark) {
svg { background: #0d1117 } text { fill: #b7bdc8 } .strong { fill: #f0f3f6 } .grid { stroke: #262c36 }
.own { fill: #58a6ff; stroke: #58a6ff } .other { fill: #59616e; stroke: #59616e }
}
</style>
<text class="strong" x="0" y="18">${escape(title)}</text>
${parts.join('\n')}
</svg>
`;
}

function escape(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
