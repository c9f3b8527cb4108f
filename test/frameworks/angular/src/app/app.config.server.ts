import * as core from '@angular/core';
import { provideServerRendering, RenderMode, withRoutes } from '@angular/ssr';
import { nonceProviders } from 'bulwark/angular';
import { appConfig } from './app.config';

const routes = withRoutes([
  { path: 'still', renderMode: RenderMode.Prerender },
  { path: '**', renderMode: RenderMode.Server },
]);

export const serverConfig = core.mergeApplicationConfig(appConfig, {
  providers: [provideServerRendering(routes), nonceProviders(core)],
});
