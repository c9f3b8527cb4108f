/** Waiting. */
export const setTimeout = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    window.setTimeout(resolve, milliseconds);
  });
export const setImmediate = (): Promise<void> => setTimeout(0);
