import { nuxt as bulwark } from 'bulwark/nuxt';

export default defineNuxtConfig({
  compatibilityDate: '2026-11-01',
  telemetry: false,
  modules: [bulwark],
  nitro: { preset: 'node-listener', serveStatic: true },
  experimental: { ssrStreaming: true, entryImportMap: false },
  routeRules: { '/still': { prerender: true }, '/late': { streaming: true } },
});
