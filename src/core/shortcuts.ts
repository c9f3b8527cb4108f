/**
 * Whether Bulwark goes past what Node.js documents where that is worth more than a twentieth of what a request costs: HMAC
 * out of two hashes (`hmac.ts`), and headers as text behind the status line (`node/outgoing-head.ts`). With
 * `BULWARK_PLAIN=1` in the environment of the process it does neither, and answers are the same to the byte but for the order
 * of header lines: for a Node.js in which one of them is suspected, and for the tests, which run both ways. Read once.
 */
export const TAKES_SHORTCUTS: boolean = ['', '0'].includes(process.env['BULWARK_PLAIN'] ?? '');
