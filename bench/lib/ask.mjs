// asker(PORT, TOKEN): a function that asks the catalogue at a port of this machine, over one connection that stays open.
import http from 'node:http';

export const agent = new http.Agent({ keepAlive: true });

export const asker = (port, token) => (path, body, headers = {}) =>
    new Promise((resolve, reject) => {
        const all = { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }), ...headers };
        http.request({ host: '127.0.0.1', port, path: `/api/catalog/${path}`, method: body ? 'POST' : 'GET', agent, headers: all }, (answer) => {
            let text = '';
            answer.on('data', (some) => (text += some));
            answer.on('end', () => resolve({ status: answer.statusCode, text }));
        })
            .on('error', reject)
            .end(body);
    });
