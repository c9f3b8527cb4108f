/** Lines that a person puts into the policy that was written: of two keys of one name JavaScript takes the last, without a word. */
import { isFirstObserved, type PolicyLines } from './policy-text.ts';

/** Of the first run, as the line has it that is taken the place of. */
const MODE = "mode: 'observe'";

/** One object for each section, whatever number of options it was gathered from. */
export function sectionLines(sections: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const lines = [...sections].map(([section, words]) => {
    const all = isFirstObserved(section) ? [MODE, ...words] : words;
    return `${section}: { ${all.join(', ')} },`;
  });
  return [...placeLines([...sections.keys()]), ...lines];
}

/** One line, or a block where there are several: a policy has `routes` once. */
export function routeLines(rules: readonly string[]): readonly string[] {
  if (rules.length === 0) return [];
  const head = '// In the policy, into the routes there: of two keys of that name the last one alone counts.';
  return rules.length === 1
    ? [head, `routes: { ${rules.join(', ')} },`]
    : [head, 'routes: {', ...rules.map((rule) => `  ${rule},`), '},'];
}

/** What would have been written, for whoever writes it into a policy without it. */
export function linesToPaste({
  sections,
  routes,
}: Pick<PolicyLines, 'sections' | 'routes'>): readonly string[] {
  const named: string[] = [];
  const lines = sections
    .flatMap((section) => section.split('\n'))
    .flatMap((line) => {
      const [, indent = '', name = '', rest = ''] = /^( *)(\w+): \{ ?(.*)$/.exec(line) ?? [];
      if (!isFirstObserved(name)) return [line];
      named.push(name);
      return rest === ''
        ? [line, `${indent}  ${MODE},`]
        : [`${indent}${name}: { ${rest.startsWith('mode:') ? '' : `${MODE}, `}${rest}`];
    });
  const rules = [...routes].map(([pattern, rule]) => `'${pattern}': { ${rule} }`);
  return [...placeLines(named), ...lines, ...routeLines(rules)];
}

function placeLines(sections: readonly string[]): readonly string[] {
  const some = sections.filter(isFirstObserved);
  const last = some.at(-1);
  if (last === undefined) return [];
  const names = some.length === 1 ? last : `${some.slice(0, -1).join(', ')} and ${last}`;
  const lines = some.length === 1 ? 'line' : 'lines';
  return [
    `// In the policy, in the place of the ${names} ${lines} there. Once the package is gone, take mode away from what it held.`,
  ];
}
