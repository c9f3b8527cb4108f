import { type ProblemType, PROBLEMS } from '../../core/problem-types.ts';

/** The kind of problem that a status of an application stands for. Those without a kind of their own share one. */
export function problemTypeOf(status: number): ProblemType {
  if (status >= 502 && status <= 504) return PROBLEMS.unavailable;
  if (status >= 500) return PROBLEMS.internalError;
  return CLIENT_ERRORS.get(status) ?? PROBLEMS.badRequest;
}

const CLIENT_ERRORS: ReadonlyMap<number, ProblemType> = new Map<number, ProblemType>(
  [
    PROBLEMS.signInRequired,
    PROBLEMS.notAllowed,
    PROBLEMS.notFound,
    PROBLEMS.methodNotAllowed,
    PROBLEMS.requestTimeout,
    PROBLEMS.conflict,
    PROBLEMS.gone,
    PROBLEMS.bodyTooLarge,
    PROBLEMS.bodyNotSupported,
    PROBLEMS.expectationFailed,
    PROBLEMS.tooManyRequests,
    PROBLEMS.headersTooLarge,
  ].map((problem) => [problem.status, problem]),
);
