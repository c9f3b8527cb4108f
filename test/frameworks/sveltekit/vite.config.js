import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';

export default {
  plugins: [
    sveltekit({
      adapter: adapter(),
      // It puts a nonce of its own on each script. Bulwark takes that into the policy that holds.
      csp: { mode: 'nonce', directives: { 'script-src': ['strict-dynamic'] } },
    }),
  ],
};
