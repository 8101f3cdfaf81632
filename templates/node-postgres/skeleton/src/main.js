import { createServer } from 'node:http';
import { openStore } from './store.js';

const store = await openStore(process.env.DATABASE_URL, process.env.REDIS_URL);

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  try {
    if (pathname === '/healthz') {
      await store.check();
      response.end('ok\n');
    } else if (pathname === '/' && request.method === 'GET') {
      const [notes, visits] = await Promise.all([store.list(), store.visit()]);
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ visits, notes }, null, 2) + '\n');
    } else if (pathname === '/' && request.method === 'POST') {
      let text = '';
      for await (const chunk of request) text += chunk;
      response.statusCode = 201;
      response.end(JSON.stringify(await store.add(text.slice(0, 1000))) + '\n');
    } else {
      response.statusCode = 404;
      response.end('not found\n');
    }
  } catch (error) {
    console.error(`${request.method} ${pathname}: ${error.message}`);
    response.statusCode = 503;
    response.end('not available right now\n');
  }
});

const port = Number(process.env.PORT ?? 8080);
server.listen(port, () => console.log(`listening on ${port}`));

// Requests in flight are finished, new ones refused; then the process ends by itself with 0.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    console.log(`${signal}: finishing what is in flight`);
    server.close(async () => {
      await store.close();
      process.exit(0);
    });
    server.closeIdleConnections();
  });
}
