import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { bulwark } from 'bulwark/express';
import { AppModule } from './app.module.js';
import { policy } from './policy.js';

const layer = bulwark(policy);
const app = await NestFactory.create<NestExpressApplication>(AppModule);
layer.secure(app.getHttpServer());
app.use(layer);
await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
