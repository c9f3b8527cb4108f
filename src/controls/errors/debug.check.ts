/** What `check` asks of an application about pages that are for its developers. */
import { answered } from '../../core/answer.ts';
import { fault, type Fault, judged, type Outcome, type Rule, type RuleContext } from '../../core/rule.ts';
import { askEach, type Marked } from '../../core/ask-each.ts';

/** Rules about them. */
export const debugRules: readonly Rule[] = [
  {
    id: 'errors.debug-pages',
    title: 'No debugger, profiler or status page is reachable',
    level: 'error',
    guide: 10,
    asvs: ['v5.0.0-13.4.2 (in part)', 'v5.0.0-13.4.5 (in part)'],
    cwe: ['CWE-489'],
    needs: 'own-host',
    run: checkPages,
  },
];

/** Where they are by default, and what they are known by: a page that is there for everything is none of them. */
const PAGES: readonly Marked[] = [
  ['/?__debugger__=yes&cmd=resource&f=debugger.js', /openShell|EVALEX|\.console/, "Werkzeug's debugger"],
  ['/console', /Interactive Console|EVALEX/, "Werkzeug's console"],
  ['/__debug__/', /djdt|djDebug/, "Django's debug toolbar"],
  ['/_profiler/', /Symfony Profiler|sf-toolbar/, "Symfony's profiler"],
  ['/_ignition/health-check', /"can_execute_commands"/, "Laravel's Ignition"],
  ['/telescope/requests', /Laravel Telescope|telescope-/i, "Laravel's Telescope"],
  ['/rails/info/properties', /Rails version|<td class="name">Ruby version/, "Rails' properties"],
  ['/actuator/env', /"propertySources"/, "Spring's environment"],
  ['/debug/pprof/', /Types of profiles available|full goroutine stack dump/, "Go's profiler"],
  ['/phpinfo.php', /<title>(?:PHP [\d.]+ - )?phpinfo\(\)/, 'phpinfo'],
  ['/server-status', /Apache Server Status for/, "Apache's status"],
]; // prettier-ignore

async function checkPages({ ask }: RuleContext): Promise<Outcome> {
  const seen = await askEach(ask, PAGES, 'pages');
  const faults = seen.flatMap(([answer, mark, what]): readonly Fault[] =>
    answer.status < 300 && mark.test(answer.body)
      ? [
          fault(
            'error',
            `${what} is reachable by anybody`,
            answered(answer),
            'switch debugging off where the application goes live, and let no proxy pass such paths',
          ),
        ]
      : [],
  );
  return judged(faults, `none of ${seen.length} pages for developers`);
}
