import pg from 'pg';
import { createClient } from 'redis';

// Notes in PostgreSQL, a counter in Redis. Both addresses hold a login that the platform changes now and then, by rolling
// this service: read them at the start, and never write them down.
export async function openStore(databaseUrl, redisUrl) {
  const database = new pg.Pool({ connectionString: databaseUrl, max: 5 });
  database.on('error', (error) => console.error(`database: ${error.message}`));
  const cache = createClient({ url: redisUrl });
  cache.on('error', (error) => console.error(`cache: ${error.message}`));
  await cache.connect();
  await database.query('CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, text text NOT NULL, at timestamptz NOT NULL DEFAULT now())');
  return {
    check: () => database.query('SELECT 1'),
    list: async () => (await database.query('SELECT id, text, at FROM notes ORDER BY id DESC LIMIT 20')).rows,
    add: async (text) => (await database.query('INSERT INTO notes (text) VALUES ($1) RETURNING id, text, at', [text])).rows[0],
    visit: () => cache.incr('visits'),
    close: async () => {
      await cache.quit();
      await database.end();
    },
  };
}
