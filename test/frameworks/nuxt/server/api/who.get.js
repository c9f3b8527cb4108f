import { current } from 'bulwark/current';

export default defineEventHandler(() => ({ account: current().principal?.account }));
