import { current } from 'bulwark/current';

export const load = () => ({ who: current().principal.account });
