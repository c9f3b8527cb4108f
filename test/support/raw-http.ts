/** The client of `bulwark/testing`, which the project's own tests ask by. */
export {
  ask,
  exchangeBytes,
  openSocket,
  parseAnswer,
  type RawAnswer,
  type RawRequest,
  sessionCookieOf,
  valueOf,
  valuesOf,
  writeRequest,
} from '../../src/testing/wire.ts';
