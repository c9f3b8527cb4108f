/** `bench scale`: what grows with the number of clients, sessions and routes, and what does not. */
import { type Curve, type CurveName, drawCurves, type Point } from '../scale/curves.ts';
import { plainTable, show, type Table } from '../report/table.ts';

/** Draws all curves. */
export function runScale(quick: boolean): readonly Curve[] {
  return drawCurves(quick);
}

/** The curves as tables, with a title each. */
export function scaleTables(curves: readonly Curve[]): readonly (readonly [title: string, table: Table])[] {
  return [
    ['limiter, bytes a client', curveTable(curves, 'limiter', 'clients', bytes)],
    ['limiter, nanoseconds a decision', curveTable(curves, 'limiter', 'clients', nanoseconds)],
    ['a blocked client, after 1,000,000 other addresses came by', floodTable(curves)],
    ['sessions, microseconds a look-up', curveTable(curves, 'sessions', 'sessions', microseconds)],
    ['routes, nanoseconds a match', curveTable(curves, 'routes', 'routes', nanoseconds)],
  ];
}

/** The curves as a person reads them. */
export function showScale(curves: readonly Curve[]): string {
  return scaleTables(curves)
    .map(([title, table]) => `${title}\n\n${plainTable(table)}`)
    .join('\n\n');
}

const bytes = ({ bytesPerKey }: Point): string => show(bytesPerKey, 0);
const nanoseconds = ({ ns }: Point): string => show(ns, 0);
const microseconds = ({ ns }: Point): string => show(ns === undefined ? ns : ns / 1000, 2);

function curveTable(
  curves: readonly Curve[],
  name: CurveName,
  unit: string,
  read: (point: Point) => string,
): Table {
  const own = curves.filter(({ curve }) => curve === name);
  const sizes = [...new Set(own.flatMap(({ points }) => points.map(({ size }) => size)))];
  return {
    head: [unit, ...sizes.map((size) => size.toLocaleString('en'))],
    rows: own.map(({ subject, points }) => [subject].concat(sizes.map((size) => cell(points, size, read)))),
  };
}

function cell(points: readonly Point[], size: number, read: (point: Point) => string): string {
  const point = points.find((one) => one.size === size);
  return point === undefined ? '-' : read(point);
}

function floodTable(curves: readonly Curve[]): Table {
  return {
    head: ['limiter as it comes', 'still blocked', 'memory grown by'],
    rows: curves
      .filter(({ curve }) => curve === 'flood')
      .map(({ subject, points: [point] }) => [
        subject,
        point?.stillBlocked === true ? 'yes' : 'no',
        `${show((point?.grownBytes ?? 0) / 1e6)} MB`,
      ]),
  };
}
