import { createServer } from 'node:http';

const routes = {
  'GET /': () => json(200, { service: '${{ values.name }}', message: 'Hello from ${{ values.name }}' }),
  'GET /healthz': () => ({ status: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' }),
  'GET /greetings': (url) => json(200, { message: `Hello, ${url.searchParams.get('name') || 'world'}` }),
};

function json(status, value) {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) + '\n' };
}

function answer(request) {
  let url;
  try {
    url = new URL(request.url, 'http://localhost');
  } catch {
    return json(400, { error: 'bad address' });
  }

  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = routes[`${method} ${url.pathname}`];
  if (route) {
    return route(url);
  }

  const known = Object.keys(routes).some((key) => key.endsWith(` ${url.pathname}`));
  return json(known ? 405 : 404, { error: known ? 'method not allowed' : 'not found' });
}

/** The HTTP server; the caller decides where it listens. Writes one line per request. */
export function createApp(log = console.log) {
  return createServer((request, response) => {
    const began = performance.now();
    response.on('close', () => {
      const milliseconds = Math.round(performance.now() - began);
      log(`${request.method} ${request.url} ${response.writableFinished ? response.statusCode : 'aborted'} ${milliseconds}ms`);
    });

    let result;
    try {
      result = answer(request);
    } catch (error) {
      log(`error ${error.stack}`);
      result = json(500, { error: 'something went wrong here' });
    }

    response.writeHead(result.status, { 'content-type': result.type, 'content-length': Buffer.byteLength(result.body) });
    response.end(request.method === 'HEAD' ? undefined : result.body);
  });
}
