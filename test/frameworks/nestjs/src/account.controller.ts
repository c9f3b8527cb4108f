import { Body, Controller, Get, Header, Post, Redirect } from '@nestjs/common';
import { current } from 'bulwark/current';
import { page } from './page.js';

@Controller()
export class AccountController {
  @Get('account')
  @Header('Content-Type', 'text/html')
  account(): string {
    return page(`<p id="who">${current().principal?.account}</p>`);
  }

  @Get('sign-in')
  @Header('Content-Type', 'text/html')
  form(): string {
    return page('<form method="post"><input name="account" /><button>Sign in</button></form>');
  }

  @Post('sign-in')
  @Redirect('/account', 303)
  async signIn(@Body() { account }: { account: string }): Promise<void> {
    // An application asks for a password here.
    await current().session.signIn({ account, roles: [] });
  }
}
