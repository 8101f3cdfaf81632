// Progress on top of pages that work without it: live parts, logs, filter, palette, copy.

// ---- Live parts: an element with data-live="kinds" is fetched anew when an entity of these kinds changes.
const live = () => [...document.querySelectorAll('[data-live]')];
let refreshing = false, again = false;

async function refresh() {
  if (refreshing) { again = true; return; }
  refreshing = true;
  try {
    const page = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (page.ok) {
      const fresh = new DOMParser().parseFromString(await page.text(), 'text/html');
      const now = live(), then = [...fresh.querySelectorAll('[data-live]')];
      now.forEach((old, i) => {
        const next = then[i];
        // What a person is using stays as it is until they are done.
        if (!next || old.innerHTML === next.innerHTML || old.contains(document.activeElement) && /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
        if (old.querySelector('details[open]')) return;
        old.innerHTML = next.innerHTML;
      });
      filterAll(); watchBuildLogs();
    }
  } catch { /* The platform is away for a moment; the event source reconnects and refreshes. */ }
  refreshing = false;
  if (again) { again = false; setTimeout(refresh, 200); }
}

if (live().length) {
  const kinds = new Set(live().flatMap(e => e.dataset.live.split(',')));
  const source = new EventSource('/api/watch?' + [...kinds].map(k => 'kind=' + k).join('&'));
  let timer;
  source.addEventListener('change', () => { clearTimeout(timer); timer = setTimeout(refresh, 120); });
  let lost = false;
  source.addEventListener('error', () => { lost = true; });
  source.addEventListener('open', () => { if (lost) { lost = false; refresh(); } });
}

// ---- Logs: one EventSource each; a reconnect starts over with the tail.
const linesMax = 2000;
function tail(box, url) {
  const source = new EventSource(url);
  source.addEventListener('open', () => box.replaceChildren());
  source.addEventListener('log', e => {
    const line = JSON.parse(e.data), p = document.createElement('p');
    const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 24;
    p.className = line.stream;
    p.append(Object.assign(document.createElement('time'), { textContent: line.at.slice(11, 19) }), line.text);
    box.append(p);
    if (box.childElementCount > linesMax) box.firstElementChild.remove();
    if (atEnd) box.scrollTop = box.scrollHeight;
  });
  source.addEventListener('end', () => source.close());
}
document.querySelectorAll('[data-log]').forEach(box => tail(box, box.dataset.log));
function watchBuildLogs() {
  document.querySelectorAll('[data-log-on-open]').forEach(box => box.closest('details').addEventListener('toggle', () => tail(box, box.dataset.logOnOpen), { once: true }));
}
watchBuildLogs();

// ---- Filter a table.
function filter(input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  document.querySelectorAll(`#${input.dataset.filter} tbody tr`).forEach(row => {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every(w => text.includes(w));
    shown += !row.hidden;
  });
  const none = document.querySelector(`[data-filter-none=${input.dataset.filter}]`);
  if (none) none.hidden = shown > 0;
}
const filterAll = () => document.querySelectorAll('[data-filter]').forEach(filter);
document.addEventListener('input', e => { if (e.target.matches('[data-filter]')) filter(e.target); });

// ---- Ages stay true.
const ago = s => s < 10 ? 'just now' : s < 60 ? `${s | 0} s ago` : s < 3600 ? `${s / 60 | 0} min ago` : s < 86400 ? `${s / 3600 | 0} h ago` : `${s / 86400 | 0} d ago`;
setInterval(() => document.querySelectorAll('[data-ago]').forEach(t => { t.textContent = ago((Date.now() - Date.parse(t.dateTime)) / 1000); }), 5000);

// ---- Forms: ask where it matters, send once. Copy buttons. Open menus close.
document.addEventListener('submit', e => {
  const ask = e.target.dataset.confirm;
  if (ask && !confirm(ask)) { e.preventDefault(); return; }
  e.submitter?.setAttribute('aria-busy', 'true');
});
document.addEventListener('click', e => {
  const copy = e.target.closest('[data-copy]');
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => { copy.dataset.copied = ''; setTimeout(() => delete copy.dataset.copied, 1200); });
  document.querySelectorAll('details.more[open],details.me[open]').forEach(d => { if (!d.contains(e.target)) d.open = false; });
});

// ---- Command palette: a native <dialog>, opened with Ctrl+K or any [data-palette] button.
const palette = document.querySelector('#palette');
if (palette) {
  const input = palette.querySelector('input'), hits = palette.querySelector('ul');
  let at = 0, asked = 0;
  const find = async () => {
    const mine = ++asked;
    const answer = await fetch('/portal/commands?q=' + encodeURIComponent(input.value));
    if (!answer.ok || mine !== asked) return;
    hits.replaceChildren(...(await answer.json()).map((hit, i) => {
      const li = document.createElement('li');
      Object.assign(li, { id: 'hit-' + i, role: 'option', ariaSelected: String(i === 0) });
      if (hit.href) li.dataset.href = hit.href; else li.dataset.copyText = hit.copy;
      li.append(hit.title, Object.assign(document.createElement('small'), { textContent: hit.hint }));
      return li;
    }));
    at = 0;
    input.setAttribute('aria-activedescendant', 'hit-0');
  };
  const move = step => {
    const all = [...hits.children];
    if (!all.length) return;
    all[at].ariaSelected = 'false';
    at = (at + step + all.length) % all.length;
    all[at].ariaSelected = 'true';
    all[at].scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', 'hit-' + at);
  };
  const choose = li => {
    if (!li) return;
    if (li.dataset.href) location.href = li.dataset.href;
    else { navigator.clipboard?.writeText(li.dataset.copyText); palette.close(); }
  };
  const open = () => { palette.showModal(); input.value = ''; find(); };
  document.addEventListener('click', e => {
    if (e.target.closest('[data-palette]')) open();
    else if (e.target === palette) palette.close();
    else choose(e.target.closest('#hits li'));
  });
  document.addEventListener('keydown', e => {
    if ((e.ctrlKey || e.metaKey) && e.key === 'k') { e.preventDefault(); open(); }
    else if (palette.open && e.key === 'ArrowDown') { e.preventDefault(); move(1); }
    else if (palette.open && e.key === 'ArrowUp') { e.preventDefault(); move(-1); }
    else if (palette.open && e.key === 'Enter') { e.preventDefault(); choose(hits.children[at]); }
  });
  input.addEventListener('input', find);
}
