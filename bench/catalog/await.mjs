// await.mjs PORT QUERY COUNT EVERY_MS [TOKEN]: ends when the catalogue at the port shows that many entities for the query.
// One connection that stays open: a program started for each look would take the processors from what is measured.
import http from 'node:http';

const [port, query, count, every, token] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true });
const headers = token ? { authorization: `Bearer ${token}` } : {};
const end = Date.now() + 900_000;

const visible = () =>
    new Promise((resolve, reject) => {
        http.get({ host: '127.0.0.1', port, path: `/api/catalog/entities/by-query?limit=0&${query}`, agent, headers }, (answer) => {
            let text = '';
            answer.on('data', (some) => (text += some));
            answer.on('end', () => (answer.statusCode === 200 ? resolve(JSON.parse(text).totalItems) : reject(new Error(text))));
        }).on('error', reject);
    });

let seen;
while ((seen = await visible()) < Number(count)) {
    if (Date.now() > end) {
        console.error(`only ${seen} of ${count} became visible`);
        process.exit(1);
    }
    await new Promise((next) => setTimeout(next, Number(every)));
}
agent.destroy();
