import { Body, Controller, Get, Header, Post, Redirect } from '@nestjs/common';
import { page } from './page.js';

const notes: string[] = [];

const CLIENT = `
let count = 0;
const button = document.querySelector('button[type=button]');
button?.addEventListener('click', () => { count += 1; button.textContent = 'Count ' + count; });
for (const alive of document.querySelectorAll('#alive')) alive.textContent = 'hydrated';
`;

@Controller()
export class PagesController {
  @Get()
  @Header('Content-Type', 'text/html')
  first(): string {
    return page(
      '<h1>First</h1><button type="button">Count 0</button><span id="alive"></span><a href="/second">Second</a>',
    );
  }

  @Get('second')
  @Header('Content-Type', 'text/html')
  second(): string {
    return page('<h1>Second</h1>');
  }

  @Get('notes')
  @Header('Content-Type', 'text/html')
  notes(): string {
    const last = (notes.at(-1) ?? '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    return page(
      `<form method="post"><input name="note" /><button>Keep</button></form><p id="note">${last}</p>`,
    );
  }

  @Post('notes')
  @Redirect('/notes', 303)
  keep(@Body() { note }: { note: string }): void {
    notes.push(note);
  }

  @Get('wrong')
  wrong(): string {
    throw new Error('the database password is hunter2');
  }

  @Get('client.js')
  @Header('Content-Type', 'text/javascript')
  client(): string {
    return CLIENT;
  }
}
