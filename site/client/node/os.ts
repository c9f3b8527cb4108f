/** A machine of one processor and no name. */
export const availableParallelism = (): number => 1;
export const hostname = (): string => 'playground';
