import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';

const client = createClient({ url: process.env['REDIS_URL'] });
await client.connect();

export const store = new RedisStore({ client });
