/** What stands between the brackets of calls, classes and functions. */
import type { Argument, Call, Expression, Parameter } from './ast.ts';
import { ownCopy } from '../own-copy.ts';
import type { Reads } from './reader.ts';
import { T } from './tokens.ts';

/** The arguments of a call or a class, at the bracket that opens them. */
export function readArguments(reader: Reads): readonly Argument[] {
  const { scan } = reader;
  const { from } = scan;
  const args: Argument[] = [];
  scan.next();
  while (scan.kind !== T.close) {
    if (scan.kind === T.star || scan.kind === T.power) {
      const name = scan.kind === T.star ? '*' : '**';
      scan.next();
      args.push({ name, value: reader.read() });
    } else {
      // `as` stands in patterns.
      const first = reader.readStarred();
      if (scan.kind === T.is && first.kind === 'name') {
        scan.next();
        args.push({ name: first.id, value: reader.readStarred() });
      } else args.push({ name: undefined, value: first });
      // `any(one in ALL for one in some)`
      reader.readClauses(from);
    }
    if (scan.kind !== T.comma) break;
    scan.next();
  }
  reader.expect(T.close);
  return args;
}

/** The parameters of a function or, up to the colon, of a `lambda`. */
export function readParameters(reader: Reads, end: number): readonly Parameter[] {
  const { scan } = reader;
  const parameters: Parameter[] = [];
  while (scan.kind !== end) {
    const star = scan.kind === T.star ? '*' : scan.kind === T.power ? '**' : '';
    if (star !== '') scan.next();
    if (scan.kind === T.name) parameters.push(readParameter(reader, star, end));
    else if (scan.kind === T.slash) scan.next();
    // `def f(self, (a, b))` of Python 2.
    else if (scan.kind === T.open) reader.read();
    if (scan.kind !== T.comma) break;
    scan.next();
  }
  return parameters;
}

function readParameter(reader: Reads, star: Parameter['star'], end: number): Parameter {
  const { scan } = reader;
  const name = scan.word;
  scan.next();
  let type: string | undefined;
  if (scan.kind === T.colon && end !== T.colon) {
    scan.next();
    const { from } = scan;
    reader.readStarred();
    type = ownCopy(scan.text.slice(from, scan.last));
  }
  let value: Expression | undefined;
  if (scan.kind === T.is) {
    scan.next();
    value = reader.read();
  }
  return { name, type, star, value };
}

/** `getattr(os, 'system')` is `os.system`. */
export function attributeOf({ at, callee, args }: Call): Expression | undefined {
  const [object, name] = args;
  if (callee.kind !== 'name' || callee.id !== 'getattr' || object === undefined) return undefined;
  if (name?.value.kind !== 'string' || !/^\w+$/.test(name.value.value)) return undefined;
  return { kind: 'attribute', at, object: object.value, name: name.value.value };
}
