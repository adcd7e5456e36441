// The floor of a server: a bare Fastify and pg that insert one row, with one fsync, for each POST. Runs as a process of its own.

import Fastify from 'fastify';
import pg from 'pg';
import { processEnvironment } from '../../src/process/config.ts';

const { DATABASE_URL: connectionString = '', PORT: port = '', CONNECTIONS: connections = '' } = processEnvironment();
const pool = new pg.Pool({ connectionString, max: Number(connections) });
// Lost when the bench stops half way; whoever uses a connection hears of it anyway.
pool.on('error', () => undefined);
const app = Fastify();
app.post('/rows', async (request, reply) => {
  const { rows } = await pool.query({
    name: 'insert',
    text: 'insert into bench_rows (body) values ($1) returning id::text',
    values: [JSON.stringify(request.body)],
  });
  return reply.code(201).send(rows[0]);
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
