/** What strangers choose: parts of a request, by framework, and parameters of routes. */
import type { Call, Expression, Scope } from './ast.ts';
import { lastName, type PythonFile } from './python-file.ts';

/** Words without which a file has no input of its own. */
export const INPUT_WORDS: readonly string[] = [
  'request\\.(?:args|form|values|json|data|files|cookies|headers|get_json|get_data|GET|POST|body|COOKIES|META|FILES|query|params|forms|url|host|path|full_path|referrer|stream|match_info)',
  'from\\s+(?:flask|quart|bottle)\\b',
  'import\\s+(?:flask|quart|bottle)\\b',
  'request\\b',
  '(?:route|get|post|put|delete|patch)\\(\\s*[\'"]/',
  'cleaned_data',
  'validated_data',
  'FlaskForm',
];

const PARTS =
  'args|form|values|json|data|files|cookies|headers|get_json\\(\\)|get_data\\(\\)|view_args|path|full_path|url|base_url|url_root|' +
  'host_url|host|query_string|stream|referrer|user_agent|GET|POST|body|COOKIES|META|FILES|query_params|path_params|' +
  'get_full_path\\(\\)|build_absolute_uri\\(\\)|get_host\\(\\)|path_info|query|params|forms|match_info|rel_url|form\\(\\)|json\\(\\)';
const REQUEST = new RegExp(
  `^(?:(?:flask|quart|bottle)(?:\\.globals|\\.wrappers)?\\.request|@(?:self\\.)?(?:request|req))\\.(?<part>${PARTS})$`,
);
const FORM_FIELD = /Form\(\)\.(?<field>\w+)\.data$/;
const CLEANED = /\.(?:cleaned_data|validated_data)$/;

/** What of a request an expression is; undefined where it is none. Entries of these are input as they are. */
export function inputOf(expression: Expression, scope: Scope, file: PythonFile): string | undefined {
  if (expression.kind !== 'attribute' && expression.kind !== 'call') return undefined;
  const last = expression.kind === 'call' ? lastName(expression.callee) : expression.name;
  if (last === undefined || !LAST.has(last)) return undefined;
  const path = file.path(expression, scope);
  if (path === undefined) return undefined;
  const part = REQUEST.exec(path)?.groups?.['part'];
  if (part !== undefined) return `request.${part}`;
  const field = last === 'data' ? FORM_FIELD.exec(path)?.groups?.['field'] : undefined;
  if (field !== undefined) return `the form field ${field}`;
  return CLEANED.test(path) ? last : undefined;
}

const LAST = new Set([...PARTS.replaceAll('\\(\\)', '').split('|'), 'cleaned_data', 'validated_data']);

const ROUTES = /^(?:route|get|post|put|delete|patch|head|options|api_route|websocket|before_request|cli)$/;
const METHODS = /^(?:get|post|put|delete|patch|head|options|websocket)$/;

/** The call of the decorator that makes a function the handler of a route. */
export function routeOf(scope: Scope): Call | undefined {
  for (const decorator of scope.decorators) {
    if (decorator.kind !== 'call' || decorator.callee.kind !== 'attribute') continue;
    const [first] = decorator.args;
    if (!ROUTES.test(decorator.callee.name) || first === undefined) continue;
    if (first.name !== undefined && !/^(?:path|rule)$/.test(first.name)) continue;
    if (
      METHODS.test(decorator.callee.name) &&
      first.value.kind === 'string' &&
      !/^(?:\/|$)/.test(first.value.value)
    )
      continue;
    return decorator;
  }
  return undefined;
}

/** Whether a parameter holds text of the address (or, in FastAPI, of the query or body). */
export function parameterIsInput(scope: Scope, place: number, file: PythonFile): string | undefined {
  const parameter = scope.parameters[place];
  const route = routeOf(scope);
  if (parameter === undefined || route === undefined) return undefined;
  const [rule] = route.args;
  const text = rule?.value.kind === 'string' ? rule.value.value : '';
  const flask = new RegExp(`<(?:(?<type>\\w+)(?:\\([^)]*\\))?:)?${parameter.name}>`).exec(text);
  if (flask !== null) {
    const type = flask.groups?.['type'];
    return type === undefined || /^(?:string|path|default)$/.test(type)
      ? `<${parameter.name}> of the address`
      : undefined;
  }
  if (!ofFastApi(route, scope, file)) return undefined;
  const { type = 'str', value } = parameter;
  if (value?.kind === 'call' && /^(?:Depends|Security)$/.test(lastName(value.callee) ?? '')) return undefined;
  if (
    /Depends|Security|Request|Response|Session|BackgroundTasks|\b(?:int|float|bool|UUID\d?|datetime|date|Literal)\b/.test(
      type,
    )
  )
    return undefined;
  return `the parameter ${parameter.name}`;
}

function ofFastApi(route: Call, scope: Scope, file: PythonFile): boolean {
  if (route.callee.kind !== 'attribute') return false;
  const object = file.path(route.callee.object, scope.parent ?? scope);
  return object !== undefined && /^fastapi\..*\(\)$/.test(object);
}
