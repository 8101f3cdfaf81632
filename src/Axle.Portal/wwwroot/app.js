// Progress on top of pages that work without it: live parts, logs, filter, menus, palette, copy.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---- Event streams. A browser has six connections to a host for all its tabs, so only a visible page holds any; a
// stream that ended for good (the platform restarted) is opened again.
const retryMs = 3000, streams = new Set();
function stream(url, events) {
  const one = {
    open() {
      if (one.source || one.ended || document.hidden) return;
      const source = one.source = new EventSource(url());
      for (const [name, act] of Object.entries(events)) source.addEventListener(name, act);
      source.addEventListener('error', () => {
        if (source.readyState === EventSource.CLOSED) { one.close(); setTimeout(one.open, retryMs); }
      });
    },
    close() { one.source?.close(); one.source = null; },
    end() { one.ended = true; one.close(); streams.delete(one); },
  };
  streams.add(one);
  one.open();
  return one;
}
const opened = () => streams.forEach(s => s.open()), closed = () => streams.forEach(s => s.close());
document.addEventListener('visibilitychange', () => document.hidden ? closed() : opened());
addEventListener('beforeunload', () => { closed(); setTimeout(opened, retryMs); });

// ---- Live parts: an element with data-live="kinds" follows the page when an entity of these kinds changes. The page is
// fetched again and patched in, so that focus, open details and typed text stay as they are.
const key = e => e.id || e.dataset?.key;
const kept = { DETAILS: ['open'], TR: ['hidden'], BUTTON: ['aria-busy', 'data-copied'] };
function patch(old, next) {
  if (old.dataset.log || old.dataset.recent) return;
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value && !(kept[old.tagName]?.includes(name))) old.setAttribute(name, value);
  // What the page folds open by itself, for instance a step that failed, opens; what somebody closed stays closed.
  if (old.tagName === 'DETAILS') { if (next.open && old.wished === false) old.open = true; old.wished = next.open; }
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name) && !(kept[old.tagName]?.includes(name))) old.removeAttribute(name);
  patchChildren(old, next);
}
function patchChildren(old, next) {
  const keyed = new Map([...old.children].filter(key).map(c => [key(c), c]));
  let at = old.firstChild;
  for (const want of [...next.childNodes]) {
    const known = key(want);
    let have = known ? keyed.get(known) : at && !key(at) && at.nodeName === want.nodeName ? at : null;
    if (have && have.nodeName !== want.nodeName) have = null;
    if (!have) { old.insertBefore(document.importNode(want, true), at); continue; }
    if (have === at) at = at.nextSibling; else old.insertBefore(have, at);
    if (have instanceof HTMLElement) patch(have, want); else if (have.nodeType === 1) have.replaceWith(document.importNode(want, true)); else if (have.data !== want.data) have.data = want.data;
  }
  while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
}

all('details').forEach(d => { d.wished = d.open; });

let busy = false, again = false, soon;
async function refresh() {
  soon = null;
  if (busy) { again = true; return; }
  busy = true;
  try {
    const page = await fetch(location.href, { headers: { accept: 'text/html' }, redirect: 'error' });
    if (page.ok) {
      const fresh = new DOMParser().parseFromString(await page.text(), 'text/html');
      for (const old of all('[data-live]')) {
        const next = fresh.getElementById(old.id);
        if (next) patch(old, next);
      }
      all('[data-filter]').forEach(filter);
      logs();
    }
  } catch { /* The platform is away for a moment; the stream comes back, and with it what was missed. */ }
  busy = false;
  if (again) { again = false; later(); }
}
const later = () => { soon ??= setTimeout(refresh, 250); };

if (document.querySelector('[data-live]')) {
  const kinds = new Set(all('[data-live]').flatMap(e => e.dataset.live.split(',')));
  let after = document.querySelector('main').dataset.revision;
  stream(() => '/api/watch?' + [...kinds].map(k => 'kind=' + k).join('&') + '&after=' + after, { change: e => { after = e.lastEventId || after; later(); } });
}

// ---- A task writes lines between its steps' changes: each has the page follow.
const lines = document.querySelector('[data-lines]');
if (lines) {
  const log = stream(() => lines.dataset.lines, { log: later, cancelled: later, recovered: later, completion: () => { log.end(); later(); } });
}

// ---- Logs: a stream each, in a details only while it is open. A reconnect starts over with the tail.
const linesMax = 2000, tails = new Map();
function tail(box) {
  if (tails.has(box)) return;
  box.replaceChildren();
  box.dataset.idle = 'Waiting for lines …';
  const log = stream(() => box.dataset.log, {
    open: () => box.replaceChildren(),
    log: e => {
      const line = JSON.parse(e.data), p = document.createElement('p');
      const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 24;
      p.className = line.stream;
      p.title = line.source;
      p.append(Object.assign(document.createElement('time'), { textContent: line.at.slice(11, 19) }), Object.assign(document.createElement('span'), { textContent: line.text }));
      box.append(p);
      if (box.childElementCount > linesMax) box.firstElementChild.remove();
      if (atEnd) box.scrollTop = box.scrollHeight;
    },
    end: () => { log.end(); box.dataset.idle = 'The log is empty.'; },
  });
  tails.set(box, log);
}
function logs() {
  for (const [box, log] of tails) if (!box.isConnected || box.closest('details:not([open])')) { log.end(); tails.delete(box); }
  all('[data-log]').forEach(box => { if (!box.closest('details:not([open])')) tail(box); });
}
document.addEventListener('toggle', logs, true);
logs();

// ---- Filter a table.
function filter(input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  all(`#${input.dataset.filter} tbody tr`).forEach(row => {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every(w => text.includes(w));
    shown += !row.hidden;
  });
  const none = document.querySelector(`[data-filter-none=${input.dataset.filter}]`);
  if (none) none.hidden = shown > 0;
}
document.addEventListener('input', e => { if (e.target.matches('[data-filter]')) filter(e.target); });

// ---- A form that only narrows a list does so while one types: the address changes, and the live part follows it.
let typed;
document.addEventListener('input', e => {
  const form = e.target.closest('form[data-instant]');
  if (!form) return;
  clearTimeout(typed);
  typed = setTimeout(() => { history.replaceState(null, '', form.getAttribute('action') + '?' + new URLSearchParams([...new FormData(form)].filter(f => f[1]))); refresh(); }, 180);
});
if (innerWidth < 900) all('details[data-wide]').forEach(d => { d.open = false; });

// ---- The form of a template says at once what does not fit, in the template's words, and asks again what applies.
const wizard = document.querySelector('form[data-wizard]');
if (wizard) {
  const say = field => {
    const below = field.id && document.getElementById(field.id + '-wrong');
    field.setCustomValidity('');
    if (field.validity.patternMismatch && field.dataset.message) field.setCustomValidity(field.dataset.message);
    if (!below) return;
    below.textContent = field.validity.valid ? '' : field.validationMessage;
    if (field.validity.valid) field.removeAttribute('aria-invalid'); else field.setAttribute('aria-invalid', 'true');
  };
  let asked = 0;
  const apply = async () => {
    const mine = ++asked, sent = new FormData(wizard);
    sent.set('go', 'again');
    try {
      const page = await fetch(location.href, { method: 'POST', body: new URLSearchParams(sent), headers: { accept: 'text/html' }, redirect: 'error' });
      const next = mine === asked && page.ok && new DOMParser().parseFromString(await page.text(), 'text/html').getElementById('wizard');
      if (next) { patch(wizard, next); all('[data-again]', wizard).forEach(b => { b.hidden = true; }); }
    } catch { /* What applies is asked again with the next page. */ }
  };
  all('[data-again]', wizard).forEach(b => { b.hidden = true; });
  wizard.addEventListener('input', e => {
    if (e.target.type === 'range') e.target.nextElementSibling.textContent = e.target.value;
    if (e.target.getAttribute('aria-invalid') || e.target.dataset.message) say(e.target);
  });
  wizard.addEventListener('change', e => { say(e.target); if (wizard.querySelector('[data-again]')) apply(); });
  wizard.addEventListener('invalid', e => say(e.target), true);
}

// ---- What was viewed lately: kept by this browser, shown in the catalogue and by the palette.
const recentMax = 12, recentKey = 'axle-recent';
const recent = () => { try { const l = JSON.parse(localStorage[recentKey]); return Array.isArray(l) ? l.filter(r => typeof r.href == 'string' && /^\/[a-z]/.test(r.href) && r.title) : []; } catch { return []; } };
const viewed = document.querySelector('[data-viewed]');
if (viewed) {
  const now = { title: viewed.dataset.viewed, hint: viewed.dataset.viewedAs, href: location.pathname };
  try { localStorage[recentKey] = JSON.stringify([now, ...recent().filter(r => r.title !== now.title || r.hint !== now.hint)].slice(0, recentMax)); } catch { /* Private windows keep nothing. */ }
}
all('[data-recent]').forEach(box => {
  const rows = recent().slice(0, box.dataset.recent).map(r => {
    const li = document.createElement('li'), a = Object.assign(document.createElement('a'), { href: r.href, title: r.hint });
    a.append(Object.assign(document.createElement('span'), { textContent: r.title }), Object.assign(document.createElement('small'), { textContent: r.hint }));
    li.append(a);
    return li;
  });
  box.querySelector('ul').replaceChildren(...rows);
  box.hidden = !rows.length;
});

// ---- Graphs: drag, zoom (Ctrl and wheel, or the buttons), and what hangs on the box under the pointer.
const zooms = document.querySelector('[data-zoom]');
all('[data-graph]').forEach(box => {
  const svg = box.firstElementChild, full = svg.viewBox.baseVal;
  let scale = 1, from;
  const zoom = (to, x = box.clientWidth / 2, y = box.clientHeight / 2) => {
    to = Math.min(2.5, Math.max(.15, to));
    const k = to / scale, left = (box.scrollLeft + x) * k - x, top = (box.scrollTop + y) * k - y;
    scale = to;
    svg.setAttribute('width', full.width * to);
    svg.setAttribute('height', full.height * to);
    box.scrollTo(left, top);
  };
  const root = box.querySelector('.root');
  if (root) { const r = root.getBoundingClientRect(), b = box.getBoundingClientRect(); box.scrollTo(r.x - b.x - (b.width - r.width) / 2, r.y - b.y - (b.height - r.height) / 2); }
  box.addEventListener('wheel', e => { if (!e.ctrlKey && !e.metaKey) return; e.preventDefault(); const b = box.getBoundingClientRect(); zoom(scale * Math.exp(-e.deltaY / 400), e.clientX - b.x, e.clientY - b.y); }, { passive: false });
  box.addEventListener('pointerdown', e => { if (e.button === 0 && e.pointerType === 'mouse') from = { x: e.clientX, y: e.clientY, left: box.scrollLeft, top: box.scrollTop }; });
  addEventListener('pointermove', e => { if (from) { box.scrollTo(from.left + from.x - e.clientX, from.top + from.y - e.clientY); from.moved ||= Math.hypot(e.clientX - from.x, e.clientY - from.y) > 4; } });
  addEventListener('pointerup', () => { const was = from; from = null; if (was?.moved) addEventListener('click', e => { e.preventDefault(); e.stopPropagation(); }, { once: true, capture: true }); });
  box.addEventListener('dragstart', e => e.preventDefault());
  const show = e => { const n = e.type.endsWith('out') ? null : e.target.closest('[data-node]')?.dataset.node; box.classList.toggle('lit', !!n); all('.arrow', svg).forEach(a => a.classList.toggle('on', !!n && (a.dataset.from === n || a.dataset.to === n))); };
  ['mouseover', 'mouseout', 'focusin', 'focusout'].forEach(t => svg.addEventListener(t, show));
  if (zooms) { zooms.hidden = false; zooms.onclick = e => { const by = +e.target.dataset.by; if (e.target.dataset.by) zoom(by ? scale * by : Math.min(1, (box.clientWidth - 4) / full.width, (box.clientHeight - 4) / full.height)); }; }
});

// ---- An address that names something folded up opens it.
const target = () => { const d = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1))); if (d?.tagName === 'DETAILS') { d.open = true; d.scrollIntoView(); } };
addEventListener('hashchange', target);
target();

// ---- Ages stay true.
const ago = (s, past) => s < 10 ? 'just now' : (s < 60 ? `${s | 0} s` : s < 3600 ? `${s / 60 | 0} min` : s < 86400 ? `${s / 3600 | 0} h` : `${s / 86400 | 0} d`) + past;
setInterval(() => all('[data-ago]').forEach(t => { t.textContent = ago((Date.now() - Date.parse(t.dateTime)) / 1000, t.dataset.ago); }), 5000);

// ---- Forms: ask where it matters, send once. Copy buttons. Menus close by a click elsewhere and by Escape.
document.addEventListener('submit', e => {
  const ask = e.target.dataset.confirm;
  if (ask && !confirm(ask)) { e.preventDefault(); return; }
  e.submitter?.setAttribute('aria-busy', 'true');
});
addEventListener('pageshow', () => all('[aria-busy]').forEach(b => b.removeAttribute('aria-busy')));
const copy = async (text, where) => {
  await navigator.clipboard?.writeText(text);
  if (where) { where.dataset.copied = ''; setTimeout(() => delete where.dataset.copied, 1200); }
};
const menus = () => all('details.more[open],details.me[open]');
document.addEventListener('click', e => {
  const from = e.target.closest('[data-copy]');
  if (from) copy(from.dataset.copy, from);
  menus().forEach(d => { if (!d.contains(e.target)) d.open = false; });
});
document.addEventListener('keydown', e => {
  if (e.key === 'Escape') menus().forEach(d => { d.open = false; if (d.contains(document.activeElement)) d.querySelector('summary').focus(); });
});

// ---- Command palette: a native <dialog>, opened with Ctrl+K or any [data-palette] button.
const palette = document.querySelector('#palette');
if (palette) {
  const input = palette.querySelector('input'), hits = palette.querySelector('ul');
  let at = 0, asked = 0;
  const select = i => {
    const rows = [...hits.children];
    if (!rows.length) return;
    at = (i + rows.length) % rows.length;
    rows.forEach((li, n) => li.setAttribute('aria-selected', n === at));
    rows[at].scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', rows[at].id);
  };
  const find = async () => {
    const mine = ++asked;
    const answer = await fetch('/portal/commands?q=' + encodeURIComponent(input.value)).catch(() => null);
    if (mine !== asked) return;
    const found = answer?.ok ? await answer.json() : [];
    if (!input.value) found.unshift(...recent().slice(0, 5).filter(r => r.href !== location.pathname).map(r => ({ ...r, hint: 'viewed ' + r.hint })));
    const seen = new Set(), key = h => h.title + ' ' + h.hint.replace(/^(viewed|starred) /, ''), rows = found.filter(h => !h.href || !seen.has(h.href) && !seen.has(key(h)) && seen.add(h.href).add(key(h)));
    const marked = hit => {
      const parts = [];
      let end = 0;
      for (const [from, length] of hit.marks ?? []) { parts.push(hit.title.slice(end, from), Object.assign(document.createElement('mark'), { textContent: hit.title.slice(from, from + length) })); end = from + length; }
      const name = document.createElement('span');
      name.append(...parts, hit.title.slice(end));
      return name;
    };
    if (mine !== asked) return;
    const row = (hit, i) => {
      const li = document.createElement('li');
      li.id = 'hit-' + i;
      li.setAttribute('role', 'option');
      if (hit.href) li.dataset.href = hit.href; else if (hit.copy) li.dataset.text = hit.copy; else li.setAttribute('aria-disabled', 'true');
      li.append(marked(hit), Object.assign(document.createElement('small'), { textContent: hit.hint }));
      return li;
    };
    hits.replaceChildren(...(rows.length ? rows : [{ title: answer?.ok ? 'Nothing of that name' : 'The platform does not answer', hint: '' }]).map(row));
    select(0);
  };
  const choose = li => {
    if (li?.dataset.href) location.href = li.dataset.href;
    else if (li?.dataset.text) copy(li.dataset.text).then(() => palette.close());
  };
  const open = () => { if (!palette.open) palette.showModal(); input.value = ''; find(); };
  all('[data-palette]').forEach(b => { b.hidden = false; });
  document.addEventListener('click', e => {
    if (e.target.closest('[data-palette]')) open();
    else if (e.target === palette) palette.close();
    else choose(e.target.closest('#hits li'));
  });
  document.addEventListener('keydown', e => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') { e.preventDefault(); open(); }
    else if (!palette.open) return;
    else if (e.key === 'ArrowDown') { e.preventDefault(); select(at + 1); }
    else if (e.key === 'ArrowUp') { e.preventDefault(); select(at - 1); }
    else if (e.key === 'Enter') { e.preventDefault(); choose(hits.children[at]); }
  });
  input.addEventListener('input', find);
}
