// Serves a folder on loopback, with entity tags, as a host of sources does: serve.mjs FOLDER PORT
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';

const [folder, port] = process.argv.slice(2);
createServer(async (request, response) => {
  try {
    const body = await readFile(join(folder, normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname))));
    const etag = `"${createHash('sha1').update(body).digest('hex')}"`;
    const same = request.headers['if-none-match'] === etag;
    response.writeHead(same ? 304 : 200, { etag, 'content-type': 'text/yaml' }).end(same ? undefined : body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(Number(port), '127.0.0.1');
