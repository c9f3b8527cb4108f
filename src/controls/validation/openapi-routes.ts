/** What an OpenAPI document (3.0 or 3.1) says of paths: read once, before any request. */
import { isPlainObject } from '../../core/options.ts';

type Json = Readonly<Record<string, unknown>>;

/** A parameter. */
export interface DocumentParameter {
  readonly name: string;
  readonly required: boolean;
  /** Where its schema stands in the document, as an escaped JSON pointer. */
  readonly schema: string | undefined;
  /** It may be there several times. */
  readonly isList: boolean;
}

/** A body, by its type. */
export interface DocumentContent {
  readonly schema: string | undefined;
  /** Fields of a form that may be there several times. */
  readonly lists: readonly string[];
}

/** What one method of one path takes. */
export interface DocumentRoute {
  readonly parameters: Readonly<Record<'path' | 'query', readonly DocumentParameter[]>>;
  readonly body: { readonly required: boolean; readonly content: ReadonlyMap<string, DocumentContent> };
}

/** A route with what stands in its path, or the methods that there are instead. */
export type FoundRoute =
  | { readonly route: DocumentRoute; readonly params: Readonly<Record<string, string>> }
  | { readonly allow: string };

interface Path {
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly methods: ReadonlyMap<string, DocumentRoute>;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** The routes of a document. */
export class DocumentRoutes {
  readonly #document: Json;
  readonly #base: string;
  readonly #exact = new Map<string, Path>();
  readonly #templates: Path[] = [];

  /** @throws Error in a sentence where it is no document */
  constructor(document: Json) {
    const { openapi, paths } = document;
    if (typeof openapi !== 'string' || !/^3\.[01]\./.test(openapi) || !isPlainObject(paths))
      throw new Error('it must be an OpenAPI document of version 3.0 or 3.1, with paths');
    this.#document = document;
    this.#base = this.#basePath();
    for (const [path, item] of Object.entries(paths)) {
      const read = this.#path(path, item);
      if (read.names.length === 0) this.#exact.set(path, read);
      else this.#templates.push(read);
    }
  }

  /** Undefined: no path of the document. One without parameters goes before one with (OpenAPI 3.1, 4.8.8.2). */
  find(method: string, path: string): FoundRoute | undefined {
    if (!path.startsWith(this.#base)) return undefined;
    const rest = path.slice(this.#base.length);
    const exact = this.#exact.get(rest);
    for (const one of exact === undefined ? this.#templates : [exact]) {
      const match = one.pattern.exec(rest);
      if (match === null) continue;
      const methods = one.methods;
      const route = methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined);
      if (route === undefined) return { allow: [...methods.keys()].join(', ') };
      const params = Object.fromEntries(one.names.map((name, at) => [name, decoded(match[at + 1] ?? '')]));
      return { route, params };
    }
    return undefined;
  }

  #basePath(): string {
    const { servers } = this.#document;
    const [first] = Array.isArray(servers) ? (servers as readonly unknown[]) : [];
    const url = isPlainObject(first) ? first['url'] : undefined;
    if (typeof url !== 'string' || !URL.canParse(url, 'https://a.example')) return '';
    return new URL(url, 'https://a.example').pathname.replace(/\/$/, '');
  }

  #path(path: string, given: unknown): Path {
    const names: string[] = [];
    const parts = path.split(/(\{[^{}/]+\})/).map((part) => {
      if (!part.startsWith('{')) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
      names.push(part.slice(1, -1));
      return '([^/]+)';
    });
    const [item, at] = this.#followed(given, `/paths/${escaped(path)}`);
    const methods = METHODS.filter((method) => isPlainObject(item[method])).map(
      (method): [string, DocumentRoute] => [method.toUpperCase(), this.#route(item, method, at)],
    );
    return { pattern: new RegExp(`^${parts.join('')}$`), names, methods: new Map(methods) };
  }

  #route(item: Json, method: string, at: string): DocumentRoute {
    const operation = item[method] as Json;
    const found = new Map<string, readonly [place: unknown, parameter: DocumentParameter]>();
    for (const [list, from] of [
      [item['parameters'], `${at}/parameters`],
      // What an operation says goes before what its path says.
      [operation['parameters'], `${at}/${method}/parameters`],
    ] as const)
      for (const [index, given] of (Array.isArray(list) ? list : []).entries()) {
        const [one, where] = this.#followed(given, `${from}/${index}`);
        found.set(`${String(one['in'])} ${String(one['name'])}`, [one['in'], this.#parameter(one, where)]);
      }
    const inPlace = (place: string): readonly DocumentParameter[] =>
      [...found.values()].filter(([where]) => where === place).map(([, one]) => one);
    return {
      parameters: { path: inPlace('path'), query: inPlace('query') },
      body: this.#body(operation['requestBody'], `${at}/${method}/requestBody`),
    };
  }

  #parameter(parameter: Json, at: string): DocumentParameter {
    const { name, required, schema } = parameter;
    return {
      name: String(name),
      required: required === true,
      schema: schema === undefined ? undefined : `${at}/schema`,
      isList: this.#isList(schema),
    };
  }

  #body(given: unknown, from: string): DocumentRoute['body'] {
    if (given === undefined) return { required: false, content: new Map() };
    const [body, at] = this.#followed(given, from);
    const content = isPlainObject(body['content']) ? body['content'] : {};
    const read = Object.entries(content).map(([type, media]): [string, DocumentContent] => {
      const schema = isPlainObject(media) ? media['schema'] : undefined;
      const where = `${at}/content/${escaped(type)}/schema`;
      const [whole] = this.#followed(schema ?? {}, where);
      const fields = isPlainObject(whole['properties']) ? Object.entries(whole['properties']) : [];
      const lists = fields.filter(([, one]) => this.#isList(one)).map(([name]) => name);
      return [type.toLowerCase(), { schema: schema === undefined ? undefined : where, lists }];
    });
    return { required: body['required'] === true, content: new Map(read) };
  }

  #isList(schema: unknown): boolean {
    const [followed] = this.#followed(schema ?? {}, '');
    const { type } = followed;
    return type === 'array' || (Array.isArray(type) && type.includes('array'));
  }

  /** @throws Error where a reference leads out of the document, or nowhere */
  #followed(given: unknown, at: string, hops = 0): readonly [value: Json, at: string] {
    if (!isPlainObject(given)) throw new Error(`it must have an object at ${at}`);
    const { $ref } = given;
    if (typeof $ref !== 'string') return [given, at];
    if (!$ref.startsWith('#/') || hops > 16)
      throw new Error(`its reference at ${at} must lead to a part of it`);
    let found: unknown = this.#document;
    for (const step of $ref.slice(2).split('/')) {
      const name = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
      found = isPlainObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
    }
    return this.#followed(found, $ref.slice(1), hops + 1);
  }
}

/** A step of a JSON pointer that stands in an address. */
function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
