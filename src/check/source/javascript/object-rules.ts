/** Objects out of a request: as filters of a database, as fields of a record, and as keys. */
import type { SourceRule } from '../source-rule.ts';
import type { Expression, Scope } from './ast.ts';
import { INPUT_WORDS } from './inputs.ts';
import { type JavaScriptFile, lastName } from './javascript-file.ts';
import { type JavaScriptRule, javaScriptRule, watch } from './javascript-rule.ts';

const FILTERED = [
  'find',
  'findOne',
  'findOneAndUpdate',
  'findOneAndDelete',
  'findOneAndReplace',
  'updateOne',
  'updateMany',
  'deleteOne',
  'deleteMany',
  'replaceOne',
  'countDocuments',
  'distinct',
];
const MERGES =
  /^(?:lodash|lodash\/(?:merge|mergeWith|defaultsDeep|set)|lodash\.(?:merge|mergewith|defaultsdeep|set)|underscore|_|deepmerge|merge|merge-deep|deep-extend|extend|defaults-deep|dot-prop|object-path|dottie|set-value|jquery|\$)(?:\.(?:merge|mergeWith|defaultsDeep|set|setWith|extend|all|default|recursive))?$/;

/** Rules about objects. */
export const objectRules: readonly SourceRule[] = [
  whereMongo({
    id: 'javascript.nosql',
    title: 'No filter of a database is an object that a request holds',
    level: 'error',
    guide: 12,
    asvs: ['v5.0.0-1.2.4 (in part)'],
    cwe: ['CWE-89', 'CWE-20'],
    why: 'A field that is an object, such as one that says "not equal", fits every record: a sign-in without a password.',
    words: new RegExp(`${INPUT_WORDS}|\\.(?:${FILTERED.join('|')})\\(`),
    look(file, say, project) {
      for (const { call, scope } of file.calls(...FILTERED)) {
        const [filter] = call.args;
        const path = file.path(call.callee, scope) ?? '';
        if (
          filter === undefined ||
          call.callee.kind !== 'member' ||
          /^@(?:req|res|request|reply|c|ctx)\b/.test(path)
        )
          continue;
        const options = file.optionsOf(filter, scope);
        // Prisma, Sequelize, TypeORM: other rules for what a filter can say.
        if (options?.has('where') === true || filter.kind === 'function' || filter.kind === 'string')
          continue;
        watch(file, say, project, {
          value: withoutTexts(filter, scope, file),
          call,
          scope,
          message: (what) =>
            `${what} is part of a filter as it came, and may be an object that fits everything`,
          fix: 'users.findOne({ name: String(body.name) })  // or a schema that asks for a string',
          harmless:
            /^request\.(?:params|headers|path|url|cookies|hostname|get\(\)|header\(\)|param\(\)|query\(\))$/,
        });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.prototype',
    title: 'No object is written to by keys that a request holds',
    level: 'error',
    guide: 12,
    asvs: ['v5.0.0-15.3.6 (in part)'],
    cwe: ['CWE-20', 'CWE-915'],
    why: 'A key such as __proto__ changes every object of the program: a user becomes an administrator, or code runs.',
    words: new RegExp(`${INPUT_WORDS}|merge|defaultsDeep|extend`),
    look(file, say, project) {
      for (const { call, scope } of file.calls(
        'merge',
        'mergeWith',
        'defaultsDeep',
        'set',
        'setWith',
        'extend',
        'deepmerge',
        'all',
        'deepExtend',
        'setValue',
      )) {
        const path = file.path(call.callee, scope) ?? '';
        if (!MERGES.test(path)) continue;
        const sets = /set/i.test(lastName(call.callee) ?? '');
        const value: Expression | undefined = sets
          ? call.args[1]
          : { kind: 'array', at: call.at, items: call.args.slice(1) };
        if (value === undefined) continue;
        watch(file, say, project, {
          value,
          call,
          scope,
          message: (what) => `${what} is merged into an object, with every key that it has`,
          fix: 'const { theme, language } = body;\nObject.assign(settings, { theme: String(theme), language: String(language) });',
        });
      }
      for (const scope of file.parsed.scopes) {
        for (const { target, at } of scope.assignments) {
          if (target.kind !== 'index' || target.object.kind !== 'index') continue;
          watch(file, say, project, {
            value: target.object.index,
            call: { at },
            scope,
            message: (what) => `${what} names a key of an object, whose own keys are then written to`,
            fix: 'const byUser = new Map();  // a map has no prototype to write to',
          });
        }
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.mass-assignment',
    title: 'No record takes every field that a request holds',
    level: 'warning',
    guide: 12,
    asvs: ['v5.0.0-15.3.3 (in part)'],
    cwe: ['CWE-915'],
    words: new RegExp(INPUT_WORDS),
    look(file, say, project) {
      const say_ = (value: Expression, at: number, scope: Scope): void =>
        watch(file, say, project, {
          value,
          call: { at },
          scope,
          message: (what) => `${what} sets every field of a record that it names`,
          fix: 'const { title, text } = body;\nnotes.create({ title, text, owner: session.user })',
          harmless: /^(?!request\.(?:body|json\(\)|parseBody\(\))$)/,
        });
      for (const { call, scope } of file.calls(
        'create',
        'update',
        'updateOne',
        'insertOne',
        'insert',
        'assign',
        'findByIdAndUpdate',
        'build',
        'upsert',
      )) {
        const path = file.path(call.callee, scope) ?? '';
        const name = lastName(call.callee) ?? '';
        if (
          /^(?:Object\.create|crypto|.*createH)/.test(path) ||
          (name === 'assign' && path !== 'Object.assign')
        )
          continue;
        if (name === 'assign' && call.args[0]?.kind === 'object') continue;
        for (const arg of name === 'assign' ? call.args.slice(1) : call.args) {
          const whole = wholeOf(arg);
          if (whole !== undefined && /^@(?:req|request|c|ctx)/.test(file.path(whole, scope) ?? ''))
            say_(whole, call.at, scope);
        }
      }
      for (const { call, scope } of file.allCalls()) {
        const [only] = call.args;
        const whole = only === undefined ? undefined : wholeOf(only);
        if (
          !call.isNew ||
          whole === undefined ||
          call.callee.kind !== 'name' ||
          !/^[A-Z]/.test(call.callee.id)
        )
          continue;
        if (
          /^(?:URL|Map|Set|Date|Error|Response|Request|FormData|Headers|Blob|Buffer|Uint8Array|Array|String|URLSearchParams|Promise)/.test(
            call.callee.id,
          )
        )
          continue;
        if (/^@(?:req|request)\.body$/.test(file.path(whole, scope) ?? '')) say_(whole, call.at, scope);
      }
    },
  }),
];

/** Other databases take no operators out of an object: the rule speaks where the tree names one that does. */
function whereMongo(facts: JavaScriptRule): SourceRule {
  return {
    ...facts,
    needs: 'source',
    start(tree) {
      const inner = javaScriptRule(facts).start(tree);
      let named = false;
      return {
        ...inner,
        reads: (path) => inner.reads(path) || /(?:^|\/)package\.json$/.test(path),
        words: new RegExp(`${facts.words.source}|${MONGO.source}`),
        look(file, say) {
          named ||= MONGO.test(file.text);
          if (inner.reads(file.path) && facts.words.test(file.text))
            inner.look?.(file, (fault) => named && say(fault));
        },
      };
    },
  };
}

const MONGO =
  /['"](?:mongoose|mongodb|monk|mongojs|@fastify\/mongodb|@typegoose\/typegoose|camo|nedb|@seald-io\/nedb)['"]/;

/** A filter without what was made a text or a number on the way in: that can be no object. */
function withoutTexts(filter: Expression, scope: Scope, file: JavaScriptFile): Expression {
  const { value, scope: at } = file.valueOf(filter, scope);
  if (value.kind !== 'object') return filter;
  const items = value.entries
    .map((entry) => file.valueOf(entry.value, at).value)
    .filter(({ kind }) => kind !== 'call' && kind !== 'template' && kind !== 'binary');
  return { kind: 'array', at: value.at, items };
}

/** `req.body`, or an object into which it is spread; not one field of it. */
function wholeOf(expression: Expression): Expression | undefined {
  if (expression.kind === 'object') {
    const first = expression.entries.find(({ spread }) => spread);
    return first === undefined ? undefined : wholeOf(first.value);
  }
  if (expression.kind === 'spread') return wholeOf(expression.value);
  if (expression.kind === 'member') return /^(?:body)$/.test(expression.name) ? expression : undefined;
  if (expression.kind === 'call')
    return /^(?:json|parseBody)$/.test(lastName(expression.callee) ?? '') ? expression : undefined;
  return undefined;
}
