import { HttpClient } from '@angular/common/http';
import {
  afterNextRender,
  Component,
  inject,
  makeStateKey,
  REQUEST_CONTEXT,
  signal,
  TransferState,
} from '@angular/core';
import { RouterLink } from '@angular/router';

@Component({
  imports: [RouterLink],
  template: `
    <h1>First</h1>
    <button (click)="count.set(count() + 1)">Count {{ count() }}</button>
    <p id="alive">{{ alive() }}</p>
    <a routerLink="/second">Second</a>
    <a routerLink="/late">Late</a>
  `,
  styles: 'button { color: rgb(200, 0, 0) }',
})
export class First {
  readonly count = signal(0);
  readonly alive = signal('');
  constructor() {
    afterNextRender(() => this.alive.set('hydrated'));
  }
}

@Component({ template: '<h1>Second</h1>', styles: 'h1 { color: rgb(0, 0, 200) }' })
export class Second {}

@Component({
  imports: [RouterLink],
  template: '<h1>Still</h1><p id="alive">{{ alive() }}</p><a routerLink="/second">Second</a>',
  styles: 'p { color: rgb(0, 0, 200) }',
})
export class Still {
  readonly alive = signal('');
  constructor() {
    afterNextRender(() => this.alive.set('hydrated'));
  }
}

@Component({
  template: `
    <form (submit)="keep($event, field.value)">
      <input name="note" #field />
      <button>Keep</button>
      <p id="note">{{ note() }}</p>
    </form>
  `,
})
export class Notes {
  readonly note = signal('');
  readonly #http = inject(HttpClient);
  keep(event: Event, note: string) {
    event.preventDefault();
    this.#http.post<{ note: string }>('/notes', { note }).subscribe((kept) => this.note.set(kept.note));
  }
}

@Component({ template: '' })
export class Broken {
  constructor() {
    throw new Error('the database password is hunter2');
  }
}

@Component({
  template: `
    <form method="post" action="/sign-in" ngNoForm>
      <input name="account" />
      <button>Sign in</button>
    </form>
  `,
})
export class SignIn {}

const WHO = makeStateKey<string>('who');

@Component({ template: '<p id="who">{{ who }}</p>' })
export class Account {
  readonly who: string;
  constructor() {
    const state = inject(TransferState);
    const request = inject(REQUEST_CONTEXT) as { readonly account?: string } | null;
    if (request !== null) state.set(WHO, request.account ?? '');
    this.who = state.get(WHO, '');
  }
}
