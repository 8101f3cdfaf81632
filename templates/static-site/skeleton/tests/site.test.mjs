import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'public');
const pages = readdirSync(root, { recursive: true }).filter((file) => file.endsWith('.html'));

test('there is a front page and a health file', () => {
  assert.ok(pages.includes('index.html'));
  assert.equal(readFileSync(join(root, 'healthz'), 'utf8'), 'ok\n');
});

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');

  test(`${page} has a language, a title and one heading`, () => {
    assert.match(text, /<html lang="[a-z-]+">/);
    assert.match(text, /<title>[^<]+<\/title>/);
    assert.equal(text.match(/<h1>/g)?.length, 1);
  });

  test(`${page} leads only to what exists`, () => {
    for (const [, link] of text.matchAll(/(?:href|src)="([^"#?]+)[^"]*"/g)) {
      if (!/^[a-z]+:/.test(link)) {
        assert.ok(existsSync(join(root, link.startsWith('/') ? '.' : dirname(page), link)), link);
      }
    }
  });
}
