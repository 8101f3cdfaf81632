// await.mjs PORT QUERY COUNT EVERY_MS TOKEN [TARGET]: ends when the catalogue at the port shows that many entities for the query, and
// prints how many seconds that took. With a target it registers that address as a location first. TOKEN may be empty.
// One process with a connection that stays open: programs that are started would take the processors from what is measured.
import { agent, asker } from '../lib/ask.mjs';

const [port, query, count, every, token, target] = process.argv.slice(2);
const catalog = asker(port, token);

async function ask(path, body) {
    const { status, text } = await catalog(path, body && JSON.stringify(body));
    if (status >= 300) {
        throw new Error(text);
    }
    return text && JSON.parse(text);
}

const visible = async () => (await ask(`entities/by-query?limit=0&${query}`)).totalItems;

await visible();
const start = performance.now();
if (target) {
    await ask('locations', { type: 'url', target });
}

let seen;
while ((seen = await visible()) < Number(count)) {
    if (performance.now() - start > 900_000) {
        console.error(`only ${seen} of ${count} became visible`);
        process.exit(1);
    }
    await new Promise((next) => setTimeout(next, Number(every)));
}
console.log(((performance.now() - start) / 1000).toFixed(2));
agent.destroy();
