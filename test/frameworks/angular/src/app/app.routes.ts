import type { Routes } from '@angular/router';
import { Account, Broken, First, Notes, Second, SignIn, Still } from './pages';

export const routes: Routes = [
  { path: '', component: First },
  { path: 'second', component: Second },
  { path: 'late', loadComponent: () => import('./late').then(({ Late }) => Late) },
  { path: 'still', component: Still },
  { path: 'notes', component: Notes },
  { path: 'broken', component: Broken },
  { path: 'sign-in', component: SignIn },
  { path: 'account', component: Account },
];
