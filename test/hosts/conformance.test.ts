import { hostConformance } from '../../src/testing/hosts/conformance.ts';
import { EVERY_HOST } from './every-host.ts';

for (const [name, host] of Object.entries(EVERY_HOST)) hostConformance(name, host);
