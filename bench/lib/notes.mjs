// The service under load with a database: every request is a query. It tells the bench its own login at /login (no service should),
// counts refused logins in its log, and asks again for up to 20 s while the database is away, as a patient client does.
import { createServer } from 'node:http';
import pg from 'pg';

const url = process.env.DATABASE_URL;
const pool = new pg.Pool({ connectionString: url, max: 8 });
pool.on('error', () => {});

async function ask(statement) {
  const end = Date.now() + 20_000;
  for (;;) {
    try {
      return await pool.query(statement);
    } catch (error) {
      // 28P01, 28000: the login was refused. That must never happen, so it is never tried again.
      if (error.code === '28P01' || error.code === '28000') console.log(`REFUSED LOGIN ${error.code}`);
      if (error.code?.startsWith('28') || Date.now() > end) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

await ask('CREATE TABLE IF NOT EXISTS hits (at timestamptz NOT NULL DEFAULT now())');
const server = createServer(async (request, response) => {
  try {
    if (request.url === '/login') return response.end(url);
    const { rows } = await ask('INSERT INTO hits DEFAULT VALUES RETURNING session_user AS who');
    response.end(rows[0].who);
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
});
server.listen(Number(process.env.PORT ?? 8080));
process.once('SIGTERM', () => {
  server.close(async () => {
    await pool.end();
    process.exit(0);
  });
  server.closeIdleConnections();
});
