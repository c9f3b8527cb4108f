/** A compose file as rules see it. Anchors are followed and nothing is copied, so that no small file becomes a large one. */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Document,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { SourceFile } from '../source-file.ts';

/** One entry of a map or a list. */
export interface Field {
  readonly key: string;
  /** As text, where it is one value. */
  readonly text: string | undefined;
  readonly node: Node | undefined;
  readonly at: number;
}

/** One service. */
export interface Service {
  readonly name: string;
  readonly at: number;
  readonly field: (key: string) => Field | undefined;
  /** Entries of a list or a map: `KEY=value` of a list is split. */
  readonly entries: (key: string) => readonly Field[];
}

/** A file of services. */
export interface Compose {
  readonly services: readonly Service[];
}

const MOST = 500;

/** Reads one. */
export function readCompose(file: SourceFile): Compose | string | undefined {
  const document = parseDocument(file.text, {
    lineCounter: new LineCounter(),
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const [error] = document.errors;
  if (error !== undefined) return `it is no YAML at line ${file.where(error.pos[0]).line}`;
  const services = fieldsOf(document.contents, document).find(({ key }) => key === 'services');
  if (services === undefined) return undefined;
  return {
    services: fieldsOf(services.node, document).map(({ key, node, at }) => ({
      name: key,
      at,
      field: (name) => fieldsOf(node, document).find((one) => one.key === name),
      entries: (name) => {
        const list = fieldsOf(node, document).find((one) => one.key === name);
        return list === undefined ? [] : fieldsOf(list.node, document);
      },
    })),
  };
}

function fieldsOf(node: unknown, document: Document, depth = 0): readonly Field[] {
  const resolved = isAlias(node) ? node.resolve(document) : node;
  if (depth > 5) return [];
  if (isMap(resolved)) return fieldsOfMap(resolved, document, depth).slice(0, MOST);
  if (!isSeq(resolved)) return [];
  return resolved.items.slice(0, MOST).flatMap((item: unknown): readonly Field[] => {
    const one = isAlias(item) ? item.resolve(document) : item;
    if (isScalar(one)) {
      const text = plain(one.value) ?? '';
      const equals = text.indexOf('=');
      return [
        {
          key: equals < 0 ? text : text.slice(0, equals),
          text: equals < 0 ? text : text.slice(equals + 1),
          node: one,
          at: one.range?.[0] ?? 0,
        },
      ];
    }
    return isMap(one) ? [{ key: '', text: undefined, node: one, at: one.range?.[0] ?? 0 }] : [];
  });
}

function fieldsOfMap(map: YAMLMap, document: Document, depth: number): readonly Field[] {
  const own: Field[] = [];
  const merged: Field[] = [];
  for (const pair of map.items.slice(0, MOST)) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    const key = String(pair.key.value);
    const value = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
    if (key === '<<') {
      const maps = isSeq(value) ? value.items : [value];
      for (const one of maps.slice(0, 10)) merged.push(...fieldsOf(one, document, depth + 1));
      continue;
    }
    own.push({
      key,
      text: isScalar(value) ? plain(value.value) : undefined,
      node: isMap(value) || isSeq(value) || isScalar(value) ? value : undefined,
      at: pair.key.range?.[0] ?? 0,
    });
  }
  const known = new Set(own.map(({ key }) => key));
  return [...own, ...merged.filter(({ key }) => !known.has(key))];
}

/** A value as it would be written; no object is one. */
function plain(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** Fields of a map in a list: the long form of ports and volumes. */
export function insideOf({ node }: Field): ReadonlyMap<string, string> {
  if (!isMap(node)) return new Map();
  return new Map(
    node.items.flatMap((pair) =>
      isScalar(pair.key) && isScalar(pair.value)
        ? [[String(pair.key.value), String(pair.value.value)] as const]
        : [],
    ),
  );
}
