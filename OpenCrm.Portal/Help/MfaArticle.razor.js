/* The article's contents follow the reader, its search marks places, and it prints. All of it works before there is a circuit, and without one. */

const HIT = 'help-hit', HERE = 'help-here';
/* The part at whose beginning the reader is, not one whose end is still on the screen. */
const BAND = '-24px 0px -70% 0px';

let observer = null, inBand = new Set(), query = '', hits = [], at = -1, theme = null;

const article = () => document.querySelector('.help-article');
const field = () => document.getElementById('help-search');
const links = () => Array.from(document.querySelectorAll('.help-contents a'));
const anchorOf = link => link.hash.slice(1);

/* ---------- The place in the contents ---------- */

function mark(id) {
  for (const link of links()) {
    if (anchorOf(link) === id) link.setAttribute('aria-current', 'location');
    else link.removeAttribute('aria-current');
  }
}

/* A part near the end of the page may not reach the band, however it is asked for. */
function askedAtTheEnd(parts) {
  const root = document.documentElement;
  if (root.scrollTop + root.clientHeight < root.scrollHeight - 2) return null;
  return parts.find(part => part.id === location.hash.slice(1) && part.getBoundingClientRect().top < root.clientHeight);
}

function follow() {
  const parts = Array.from(article()?.querySelectorAll('.help-part') ?? []);
  const here = askedAtTheEnd(parts) ?? parts.find(part => inBand.has(part));
  // Between two parts, or below the last one, the last mark stays.
  if (here) mark(here.id);
}

function onSeen(entries) {
  for (const entry of entries) {
    if (entry.isIntersecting) inBand.add(entry.target);
    else inBand.delete(entry.target);
  }
  follow();
}

document.addEventListener('click', event => {
  // After the jump, which changes the address.
  if (event.target.closest('.help-contents a')) setTimeout(follow, 100);
});

/* Called again by the circuit, whose elements take the place of the prerendered ones. */
export function watch() {
  stop();
  const parts = article()?.querySelectorAll('.help-part') ?? [];
  if (parts.length === 0) return;
  mark(parts[0].id);
  observer = new IntersectionObserver(onSeen, { rootMargin: BAND });
  parts.forEach(part => observer.observe(part));
  if (query !== '' && field() && field().value === '') {
    field().value = query;
    window.portal.focusIfFree(field());
  }
  search();
}

/* The next reader of this tab may be somebody else: what was searched for goes with the page. */
export function leave() {
  stop();
  query = '';
  hits = [];
  at = -1;
}

function stop() {
  if (observer) observer.disconnect();
  observer = null;
  inBand = new Set();
  paint([], -1);
}

/* ---------- Search ---------- */

/* All of the article as one text, in which no place reaches from one paragraph into the next. */
function read() {
  const pieces = [], walker = document.createTreeWalker(article(), NodeFilter.SHOW_TEXT);
  let text = '', block = null;
  for (let node; (node = walker.nextNode());) {
    const now = node.parentElement.closest('p, li, h2, h3, div');
    if (!now) continue;
    if (now !== block) text += '\u0000';
    block = now;
    pieces.push({ node, from: text.length });
    text += node.data;
  }
  return { text, pieces };
}

function rangeOf(pieces, from, until) {
  const holds = place => pieces.findLast(piece => piece.from <= place);
  const first = holds(from), last = holds(until - 1), range = new Range();
  range.setStart(first.node, from - first.from);
  range.setEnd(last.node, until - last.from);
  return range;
}

function find(words) {
  if (words === '' || !article()) return [];
  const pattern = words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
  const { text, pieces } = read();
  return Array.from(text.matchAll(new RegExp(pattern, 'giu')), found => rangeOf(pieces, found.index, found.index + found[0].length));
}

/* Marked without a change of the page's elements, which are the circuit's. A browser that cannot do this selects the place instead. */
function paint(ranges, here) {
  if (!('highlights' in CSS)) {
    if (here >= 0) getSelection().setBaseAndExtent(
      ranges[here].startContainer, ranges[here].startOffset, ranges[here].endContainer, ranges[here].endOffset);
    return;
  }
  CSS.highlights.set(HIT, new Highlight(...ranges));
  const current = new Highlight(...(here >= 0 ? [ranges[here]] : []));
  current.priority = 1;
  CSS.highlights.set(HERE, current);
}

/* Whoever does not see the mark hears where it is. */
const titleAround = range => range.startContainer.parentElement.closest('.help-part').querySelector('h2').textContent;

function say() {
  const status = document.querySelector('.help-search__found');
  if (!status || !field()) return;
  const words = field().dataset;
  status.textContent = query === ''
    ? ''
    : hits.length === 0
      ? words.none
      : at >= 0
        ? words.at.replace('{0}', at + 1).replace('{1}', hits.length).replace('{2}', titleAround(hits[at]))
        : hits.length === 1 ? words.one : words.found.replace('{0}', hits.length);
}

function countInContents() {
  for (const link of links()) {
    const part = document.getElementById(anchorOf(link));
    if (query === '' || !part) delete link.dataset.hits;
    else link.dataset.hits = hits.filter(range => part.contains(range.startContainer)).length;
  }
}

function search() {
  query = (field()?.value ?? '').trim();
  hits = find(query);
  at = -1;
  paint(hits, at);
  countInContents();
  say();
}

function go(step) {
  if (hits.length === 0) return;
  at = at < 0 ? (step > 0 ? 0 : hits.length - 1) : (at + step + hits.length) % hits.length;
  paint(hits, at);
  hits[at].startContainer.parentElement.scrollIntoView({ block: 'center' });
  say();
}

document.addEventListener('input', event => {
  if (event.target === field()) search();
});

document.addEventListener('keydown', event => {
  if (event.target !== field() || event.isComposing) return;
  if (event.key === 'Enter') {
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
  } else if (event.key === 'Escape' && field().value !== '') {
    event.preventDefault();
    field().value = '';
    search();
  }
});

/* ---------- Print ---------- */

/* Pictures further down were not asked for yet. */
const pictures = () => Promise.all(Array.from(article()?.querySelectorAll('img') ?? [], picture => {
  picture.loading = 'eager';
  // One of the other theme is not shown, and not waited for.
  return picture.offsetParent === null ? null : picture.decode().catch(() => { /* The page prints without it. */ });
}));

document.addEventListener('click', async event => {
  if (!event.target.closest('.help-print')) return;
  await pictures();
  window.print();
});

/* Paper is light. */
window.addEventListener('beforeprint', () => {
  if (!article()) return;
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = 'light';
});

window.addEventListener('afterprint', () => {
  if (theme) document.documentElement.dataset.theme = theme;
  theme = null;
});

watch();
