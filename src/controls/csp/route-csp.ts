/** A route's `csp` and `frame`: what one page may load that the rest of the site may not. */
import { isPlainObject, type OptionTable, readOptions } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import { boolean } from '../../core/readers.ts';
import type { RouteCsp } from '../../core/route-rules.ts';
import { type Directive, type Directives, directivesOnto } from './csp-grammar.ts';
import { checkDirectives, cspOptions, type CspSettings } from './csp.options.ts';

/** Directives that differ from those of the policy, each with the full list of its sources, and two options beside them. */
export type RouteCspOptions = {
  readonly [Name in Directive]?: readonly string[];
} & {
  /** As in the section `csp`, of this route alone. */
  readonly dangerouslyAllow?: readonly string[];
  /** As in the section `csp`, of this route alone. */
  readonly trustedTypes?: boolean;
};

const OPTIONS: OptionTable<{
  readonly dangerouslyAllow: readonly string[];
  readonly trustedTypes: boolean | undefined;
}> = {
  dangerouslyAllow: cspOptions.dangerouslyAllow,
  trustedTypes: { ...cspOptions.trustedTypes, default: undefined, read: boolean },
};

/** Reads both, and checks what they open as the policy's own directives are checked. */
export function readRouteCsp(
  path: string,
  { csp, frame }: { readonly csp: unknown; readonly frame: unknown },
  section: CspSettings,
  problems: Problems,
): RouteCsp | undefined {
  if (csp === undefined && frame === undefined) return undefined;
  if (csp !== undefined && !isPlainObject(csp)) {
    const fix = `csp: { 'frame-src': ['https://player.example'] }`;
    problems.refuse('ERR_BULWARK_INVALID_OPTION', `${path}.csp`, 'it must be an object of directives.', fix);
    return undefined;
  }
  const { dangerouslyAllow: allowed, trustedTypes: trusted, ...written } = csp ?? {};
  const given = {
    ...(allowed !== undefined && { dangerouslyAllow: allowed }),
    ...(trusted !== undefined && { trustedTypes: trusted }),
  };
  const { dangerouslyAllow, trustedTypes } = readOptions(`${path}.csp`, OPTIONS, given, problems);
  const directives: Directives = {
    ...directivesOnto({})(written, `${path}.csp`, problems),
    ...(frame !== undefined && readFrame(frame, `${path}.frame`, problems)),
  };
  checkDirectives(`${path}.csp`, directives, dangerouslyAllow, section.dangerouslyAllow, problems);
  return { directives, ...(trustedTypes !== undefined && { trustedTypes }) };
}

/** `X-Frame-Options` for the same: it knows nobody and this origin, and browsers pass over it beside `frame-ancestors`. */
export function frameOptionsFor(
  ancestors: readonly string[] | undefined,
): 'DENY' | 'SAMEORIGIN' | 'none' | undefined {
  if (ancestors === undefined) return undefined;
  if (ancestors.every((source) => source === "'none'")) return 'DENY';
  return ancestors.every((source) => source === "'self'") ? 'SAMEORIGIN' : 'none';
}

function readFrame(value: unknown, path: string, problems: Problems): Directives {
  if (!Array.isArray(value)) {
    const reason = 'it must be a list of who may frame the page.';
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      path,
      reason,
      `frame: ["'self'", 'https://partner.example']`,
    );
    return {};
  }
  return directivesOnto({})({ 'frame-ancestors': value.length === 0 ? ["'none'"] : value }, path, problems);
}
