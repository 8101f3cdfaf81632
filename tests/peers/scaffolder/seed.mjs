// Puts the same entities into both catalogues and waits until they are there: node seed.mjs PEER_URL AXLE_URL FILE_URL
const [peer, axle, file] = process.argv.slice(2);

for (const [where, headers] of [[peer, {}], [axle, { Authorization: `Bearer ${process.env.AXLE_TOKEN}` }]]) {
  const registered = await fetch(`${where}/api/catalog/locations?onConflict=refresh`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify({ type: 'url', target: file }) });
  if (!registered.ok) {
    throw new Error(`${where} does not take ${file}: ${registered.status} ${await registered.text()}`);
  }
  const deadline = Date.now() + 120_000;
  for (const name of ['group/default/acme', 'component/default/thing', 'user/default/admin']) {
    while (!(await fetch(`${where}/api/catalog/entities/by-name/${name}`, { headers })).ok) {
      if (Date.now() > deadline) {
        throw new Error(`${name} does not appear at ${where}`);
      }
      await new Promise(resolve => setTimeout(resolve, 200));
    }
  }
}
