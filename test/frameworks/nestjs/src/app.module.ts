import { Module } from '@nestjs/common';
import { AccountController } from './account.controller.js';
import { HelloController } from './hello.controller.js';
import { PagesController } from './pages.controller.js';

@Module({ controllers: [PagesController, AccountController, HelloController] })
export class AppModule {}
