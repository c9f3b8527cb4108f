/**
 * Until when versions of Node.js and Python are mended: the schedules of github.com/nodejs/Release and of PEP 373, 494, 537,
 * 569, 596, 619, 664, 693, 719 and 745, as of 2026-11. Dates are facts, and under no licence.
 */
export const RUNTIME_LIVES: Readonly<Record<'node' | 'python', Readonly<Record<string, string>>>> = {
  node: {
    '10': '2021-04-30', '12': '2022-04-30', '13': '2020-06-01', '14': '2023-04-30', '15': '2021-06-01', '16': '2023-09-11',
    '17': '2022-06-01', '18': '2025-04-30', '19': '2023-06-01', '20': '2026-04-30', '21': '2024-06-01', '22': '2027-04-30',
    '23': '2025-06-01', '24': '2028-04-30', '25': '2026-06-01',
  },
  python: {
    '2.7': '2020-01-01', '3.4': '2019-03-18', '3.5': '2020-09-30', '3.6': '2021-12-23', '3.7': '2023-06-27', '3.8': '2024-10-07',
    '3.9': '2025-10-31', '3.10': '2026-10-31', '3.11': '2027-10-31', '3.12': '2028-10-31', '3.13': '2029-10-31', '3.14': '2030-10-31',
  },
}; // prettier-ignore

/** The last day of a version; undefined where nothing is known of it. */
export function lastDayOf(
  runtime: 'node' | 'python',
  version: string,
): { readonly version: string; readonly day: string } | undefined {
  const [major = '', minor = ''] = version.split('.');
  const key = runtime === 'node' ? major : `${major}.${minor}`;
  const day = RUNTIME_LIVES[runtime][key];
  return day === undefined ? undefined : { version: key, day };
}
