import { Body, Controller, Get, HttpCode, Post, Sse } from '@nestjs/common';
import { current } from 'bulwark/current';
import { interval, map, type Observable } from 'rxjs';

@Controller('api')
export class HelloController {
  @Get('hello')
  hello(): object {
    return { hello: 'world' };
  }

  @Post('hello')
  @HttpCode(200)
  greet(@Body() { name }: { name: string }): object {
    return { hello: name };
  }

  @Sse('ticks')
  ticks(): Observable<object> {
    const account = current().principal?.account;
    return interval(20).pipe(map((tick) => ({ data: { tick, account } })));
  }
}
