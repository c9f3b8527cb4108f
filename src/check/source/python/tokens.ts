/** What a token of Python can be. A sign of one character is its code; signs of more and words come behind these. */

const KINDS = {
  end: 0,
  newline: 1,
  name: 2,
  number: 3,
  string: 4,
  /** The beginning of a string with expressions in it, up to its quotes. */
  format: 5,
  unknown: 6,
  bang: 33,
  percent: 37,
  open: 40,
  close: 41,
  star: 42,
  comma: 44,
  dot: 46,
  slash: 47,
  colon: 58,
  semicolon: 59,
  is: 61,
  decorator: 64,
  openSquare: 91,
  closeSquare: 93,
  openCurly: 123,
  closeCurly: 125,
  tilde: 126,
  plus: 43,
  minus: 45,
  power: 130,
  walrus: 131,
  ellipsis: 132,
  arrow: 133,
  adds: 134,
  shift: 135,
  floor: 136,
  compares: 137,
  and: 200,
  as: 201,
  assert: 202,
  async: 203,
  await: 204,
  break: 205,
  class: 206,
  continue: 207,
  def: 208,
  del: 209,
  elif: 210,
  else: 211,
  except: 212,
  finally: 213,
  for: 214,
  from: 215,
  global: 216,
  if: 217,
  import: 218,
  in: 219,
  isWord: 220,
  lambda: 221,
  nonlocal: 222,
  not: 223,
  or: 224,
  pass: 225,
  raise: 226,
  return: 227,
  try: 228,
  while: 229,
  with: 230,
  yield: 231,
  true: 232,
  false: 233,
  none: 234,
} as const;

/** The kinds that the reader asks for. Numbers to the compiler, too, since the kind at hand changes under way. */
export const T: { readonly [Kind in keyof typeof KINDS]: number } = KINDS;

const WORDS =
  'and as assert async await break class continue def del elif else except finally for from global if import in is lambda ' +
  'nonlocal not or pass raise return try while with yield True False None';

/** Words of the language, in the order of their kinds. */
export const KEYWORDS: ReadonlyMap<string, number> = new Map(
  WORDS.split(' ').map((word, place) => [word, T.and + place]),
);

/** How tightly an operator binds, by the kind of its token; 0: it is none. */
export const LEVELS: Uint8Array = new Uint8Array(256);

for (const [level, signs] of [
  [4, '<>'],
  [5, '|'],
  [6, '^'],
  [7, '&'],
  [9, '+-'],
  [10, '*/%@'],
] as const)
  for (const sign of signs) LEVELS[sign.charCodeAt(0)] = level;
for (const [kind, level] of [
  [T.or, 1],
  [T.and, 2],
  [T.not, 4],
  [T.in, 4],
  [T.isWord, 4],
  [T.power, 12],
  [T.shift, 8],
  [T.floor, 10],
  [T.compares, 4],
] as const)
  LEVELS[kind] = level;
