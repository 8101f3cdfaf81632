// The service under load: fast at /, slow at /slow?ms=…, a WebSocket echo at /echo. No dependency.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const version = 'version 1.';
const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const answer = () => response.end(url.pathname === '/healthz' ? 'ok\n' : version);
  url.pathname === '/slow' ? setTimeout(answer, Number(url.searchParams.get('ms'))) : answer();
});

const sockets = new Set();
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => socket.destroy());
  let kept = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    kept = Buffer.concat([kept, bytes]);
    // Short masked frames are all that the load sends: 2 bytes of header, 4 of mask, up to 125 of text.
    while (kept.length >= 6 && kept.length >= 6 + (kept[1] & 127)) {
      const length = kept[1] & 127;
      const text = Buffer.from(kept.subarray(6, 6 + length).map((byte, i) => byte ^ kept[2 + (i & 3)]));
      const kind = kept[0] & 15;
      kept = kept.subarray(6 + length);
      socket.write(Buffer.concat([Buffer.from([128 | kind, length]), text]));
      if (kind === 8) socket.end();
    }
  });
});

server.listen(Number(process.env.PORT ?? 8080));
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  // 1001: going away.
  for (const socket of sockets) socket.end(Buffer.from([0x88, 2, 3, 0xe9]));
});
