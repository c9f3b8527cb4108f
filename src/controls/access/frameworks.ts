/** Full-stack frameworks that answer to more addresses than their pages have: the data of a page, functions of the server. */

/** A framework, as the policy names it. */
export type FrameworkName =
  | 'react-router'
  | 'next'
  | 'sveltekit'
  | 'nuxt'
  | 'qwik'
  | 'vike'
  | 'astro'
  | 'angular'
  | 'tanstack-start'
  | 'solid-start';

/** What a framework answers beside its pages. */
export interface Framework {
  readonly title: string;
  /** What its applications depend on. */
  readonly packages: readonly string[];
  /** Where the data of the page `/account` is. None: at no address of its own. */
  readonly data?: string;
  /** How functions of the server are called past the address of the page that they belong to. */
  readonly functions?: string;
}

/** All that are known. The shapes were read in the frameworks' own sources and documentation. */
export const FRAMEWORKS: Readonly<Record<FrameworkName, Framework>> = {
  'react-router': {
    title: 'React Router',
    packages: [
      '@react-router/dev',
      '@react-router/node',
      '@react-router/serve',
      '@react-router/express',
      '@remix-run/dev',
      '@remix-run/node',
      '@remix-run/serve',
      '@remix-run/express',
    ],
    data: '/account.data',
  },
  next: {
    title: 'Next.js',
    packages: ['next'],
    data: '/_next/data/BUILD/account.json',
    functions: 'a POST with the header Next-Action, or of a multipart form, to any page',
  },
  sveltekit: {
    title: 'SvelteKit',
    packages: ['@sveltejs/kit'],
    data: '/account/__data.json',
    functions: '/_app/remote/**, and POST with ?/remote= to any page',
  },
  nuxt: {
    title: 'Nuxt',
    packages: ['nuxt'],
    data: '/account/_payload.json',
    functions: '/__nuxt_island/**',
  },
  qwik: {
    title: 'Qwik City',
    packages: ['@builder.io/qwik-city', '@qwik.dev/router'],
    data: '/account/q-data.json',
    functions: '?qfunc= and ?qaction= on any page',
  },
  vike: {
    title: 'Vike',
    packages: ['vike'],
    data: '/account/index.pageContext.json',
  },
  astro: {
    title: 'Astro',
    packages: ['astro'],
    functions: '/_actions/**, /_server-islands/** and POST with ?_action= to any page',
  },
  // Its pages ask the application's own addresses for their data, and it has no functions of the server.
  angular: {
    title: 'Angular',
    packages: ['@angular/ssr'],
  },
  'tanstack-start': {
    title: 'TanStack Start',
    packages: ['@tanstack/react-start', '@tanstack/solid-start', '@tanstack/start'],
    functions: '/_serverFn/**',
  },
  'solid-start': {
    title: 'SolidStart',
    packages: ['@solidjs/start'],
    functions: '/_server',
  },
};

/** Every name, in the order of the table. */
export const FRAMEWORK_NAMES = Object.keys(FRAMEWORKS) as readonly FrameworkName[];
