/** The shipped Caddyfile, in a real Caddy, in front of a real application. */
import { startCaddy } from './caddy.ts';
import { proxySuite } from './proxy-suite.ts';

proxySuite(startCaddy);
