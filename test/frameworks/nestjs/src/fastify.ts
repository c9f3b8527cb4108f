import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { bulwark } from 'bulwark/fastify';
import { AppModule } from './app.module.js';
import { policy } from './policy.js';

const layer = bulwark(policy);
const adapter = new FastifyAdapter({ serverFactory: layer.serverFactory });
const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter);
await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
