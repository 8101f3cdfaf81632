import { createApp } from './app.js';

const port = Number(process.env.PORT ?? 8080);
const server = createApp();
server.listen(port, () => console.log(`listening on ${port}`));

// Requests in flight are finished, new ones refused; then the process ends by itself with 0.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    console.log(`${signal}: finishing what is in flight`);
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
