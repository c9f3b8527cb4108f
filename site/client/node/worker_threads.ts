/** The only thread. */
export const threadId = 0;
