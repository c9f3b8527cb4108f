/** Why the dearest lines of Bulwark cost what they cost, by function: what the page says beside the profile. */
export const REASONS: Readonly<Record<string, string>> = {};
