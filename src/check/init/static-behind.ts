/** Files that would stand behind `requestSession()`: what was answered after a look at the session is in no cache. */
import type { ModuleFacts } from './read-module.ts';
import { calledOf, placeOf } from './wiring.ts';

/** A note for each place. Files in front of the session are left as they are. */
export function staticBehind(modules: readonly ModuleFacts[]): readonly string[] {
  return modules.flatMap((module) => {
    const session = module.calls.find(({ callee }) => isOf(module, callee, 'express-session', 'default'));
    return module.calls
      .filter(
        ({ callee, from }) =>
          isOf(module, callee, 'express', 'static') && (session === undefined || from > session.from),
      )
      .map(
        (call) =>
          `${placeOf(module, call)} has express.static behind requestSession(): where passport.session() or other code asks for the session of each request, no cache keeps these files. Mount it in front.`,
      );
  });
}

function isOf(module: ModuleFacts, callee: string, source: string, imported: string): boolean {
  const called = calledOf(module, callee);
  return called.source === source && called.imported === imported;
}
