/* Colours the source of a body, completes merge fields, and inserts pieces of HTML. The text area stays the one source: whatever is inserted here
   arrives as if it were typed, so that Ctrl+Z takes it back and the circuit hears of it. */

/* ---------- Colours ---------- */

/* Coloured with every key up to here; a longer text is shown plain while somebody types. */
const AT_ONCE = 20000;
const MOST = 60000;
const REST = 200;

/* So many lines are coloured together, and only those that changed are read again. Some texts take the library a time that grows with the
   square of their length; a piece longer than this stays plain. */
const LINES = 50;
const LONGEST = 12000;

const KINDS = {
  'comment': 'source__note', 'prolog': 'source__note', 'doctype': 'source__note', 'cdata': 'source__note',
  'tag': 'source__tag', 'attr-name': 'source__name', 'attr-value': 'source__string', 'string': 'source__string', 'entity': 'source__string',
  'liquid': 'source__liquid', 'keyword': 'source__word', 'filter': 'source__word', 'boolean': 'source__word', 'operator': 'source__word'
};

const resting = new WeakMap(), known = new WeakMap();
let loading = null, loaded = null;

/* Without the library the text stays as it is, in one colour. */
function loadPrism() {
  loading = loading || import('../vendor/prism.js').then((module) => {
    loaded = module.default;
    return loaded;
  }, () => null);
  return loading;
}

const boxOf = (field) => field.closest('.source');
const layerOf = (field) => field.parentElement.querySelector('.source__colours');

function tokensOf(Prism, text, isHtml) {
  if (text.length > LONGEST) return [text];
  const env = { code: text, grammar: Prism.languages.liquid, language: 'liquid' };
  Prism.hooks.run('before-tokenize', env);
  // Of a text without HTML only the tags of Liquid are coloured.
  if (!isHtml) env.grammar = {};
  env.tokens = Prism.tokenize(env.code, env.grammar);
  try {
    Prism.hooks.run('after-tokenize', env);
  } catch (tooDeep) {
    // The library calls itself once for each of many tags in a row.
    if (tooDeep instanceof RangeError) return [text];
    throw tooDeep;
  }
  return env.tokens;
}

function piecesOf(text) {
  const lines = text.split('\n'), pieces = [];
  for (let at = 0; at < lines.length; at += LINES) pieces.push(lines.slice(at, at + LINES).join('\n'));
  return pieces;
}

function write(parent, tokens) {
  for (const token of [].concat(tokens)) {
    if (typeof token === 'string') {
      parent.append(token);
      continue;
    }
    const kind = KINDS[token.type] || [].concat(token.alias || []).map((alias) => KINDS[alias]).find(Boolean);
    if (!kind) {
      write(parent, token.content);
      continue;
    }
    const span = document.createElement('span');
    span.className = kind;
    write(span, token.content);
    parent.append(span);
  }
}

function showPlain(field) {
  boxOf(field).removeAttribute('data-coloured');
  layerOf(field).replaceChildren();
}

/* A server that answers slowly must not hide a line that was just begun. */
function fitRows(field) {
  const rows = Math.max(field.value.split('\n').length, 16);
  if (field.rows !== rows) field.rows = rows;
}

function follow(field) {
  const layer = layerOf(field);
  layer.scrollLeft = field.scrollLeft;
  layer.scrollTop = field.scrollTop;
}

function colour(field) {
  const text = field.value;
  if (text.length > MOST) {
    showPlain(field);
    return;
  }
  const before = known.get(field) || new Map(), now = new Map(), code = document.createElement('code');
  for (const piece of piecesOf(text)) {
    const tokens = now.get(piece) || before.get(piece) || tokensOf(loaded, piece, field.dataset.language === 'html');
    now.set(piece, tokens);
    write(code, tokens);
    // Also behind the last line: an empty one has a height only if something stands in it.
    code.append('\n');
  }
  known.set(field, now);
  layerOf(field).replaceChildren(code);
  boxOf(field).setAttribute('data-coloured', '');
  follow(field);
}

function colourNow(field) {
  if (!loaded || !field.isConnected) return;
  fitRows(field);
  colour(field);
}

function colourSoon(field) {
  clearTimeout(resting.get(field));
  if (field.value.length <= AT_ONCE) {
    colourNow(field);
    return;
  }
  showPlain(field);
  resting.set(field, setTimeout(() => colourNow(field), REST));
}

/* ---------- Writing ---------- */

/* Replaces a part of the text as typing would: it can be undone with Ctrl+Z. Where the browser refuses that, the text is set directly. */
export function replace(field, from, to, text) {
  field.focus();
  field.setSelectionRange(from, to);
  if (document.execCommand('insertText', false, text)) return;
  field.setRangeText(text, from, to, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/* The piece holds two marks (\u0001) around what is selected afterwards. */
function put(field, from, to, piece) {
  const [before, chosen, after] = piece.split('\u0001');
  replace(field, from, to, before + chosen + after);
  field.setSelectionRange(from + before.length, from + before.length + chosen.length);
}

function lineAround(field) {
  const text = field.value, start = text.lastIndexOf('\n', field.selectionStart - 1) + 1, end = text.indexOf('\n', field.selectionEnd);
  return { start, end: end < 0 ? text.length : end };
}

/* A block goes to a line of its own, below the one with the caret. */
function putBlock(field, piece) {
  const line = lineAround(field), isBlank = field.value.slice(line.start, line.end).trim() === '';
  if (isBlank) put(field, line.start, line.end, piece);
  else put(field, line.end, line.end, '\n' + piece);
}

/* Whether the caret stands between such tags. */
function isInside(field, opening, closing) {
  const before = field.value.slice(0, field.selectionStart);
  const last = (tag) => [...before.matchAll(tag)].reduce((_, found) => found.index, -1);
  return last(opening) > last(closing);
}

const chosenIn = (field) => field.value.slice(field.selectionStart, field.selectionEnd);
const isAddress = (text) => /^(https?:\/\/|mailto:)\S+$/.test(text.trim());

const PIECES = {
  bold(field) {
    const { selectionStart: from, selectionEnd: to, value } = field;
    const isBold = value.slice(0, from).endsWith('<strong>') && value.slice(to).startsWith('</strong>');
    if (isBold) put(field, from - 8, to + 9, `\u0001${chosenIn(field)}\u0001`);
    else put(field, from, to, `<strong>\u0001${chosenIn(field)}\u0001</strong>`);
  },
  link(field, words) {
    const chosen = chosenIn(field);
    const piece = isAddress(chosen)
      ? `<a href="${chosen.trim()}">\u0001${chosen.trim()}\u0001</a>`
      : `<a href="\u0001https://\u0001">${chosen || words.text}</a>`;
    put(field, field.selectionStart, field.selectionEnd, piece);
  },
  button(field, words) {
    const chosen = chosenIn(field), piece = `<p><a class="button" href="{{ ${words.target} }}">\u0001${chosen || words.text}\u0001</a></p>`;
    if (chosen) put(field, field.selectionStart, field.selectionEnd, piece);
    else putBlock(field, piece);
  },
  list(field, words) {
    const chosen = chosenIn(field);
    const items = chosen.split('\n').filter((line) => line.trim() !== '').map((line) => `<li>${line.trim()}</li>`).join('\n');
    if (isInside(field, /<[uo]l\b/g, /<\/[uo]l>/g)) putBlock(field, `<li>\u0001${words.text}\u0001</li>`);
    else if (items) put(field, field.selectionStart, field.selectionEnd, `<ul>\n\u0001${items}\u0001\n</ul>`);
    else putBlock(field, `<ul>\n<li>\u0001${words.text}\u0001</li>\n</ul>`);
  },
  facts(field, words) {
    const row = `<tr><th>\u0001${words.text}\u0001</th><td>${words.value}</td></tr>`;
    if (isInside(field, /<table class="facts">/g, /<\/table>/g)) putBlock(field, row);
    else putBlock(field, `<table class="facts">\n${row}\n</table>`);
  }
};

function press(button) {
  const field = document.getElementById(button.closest('[role="toolbar"]').getAttribute('aria-controls'));
  PIECES[button.dataset.piece](field, button.dataset);
}

/* ---------- The toolbar: one stop of the Tab key, arrows inside ---------- */

function onToolbarKey(event) {
  const buttons = Array.from(event.currentTarget.querySelectorAll('button')), at = buttons.indexOf(event.target);
  const to = {
    ArrowRight: (at + 1) % buttons.length, ArrowLeft: (at + buttons.length - 1) % buttons.length, Home: 0, End: buttons.length - 1
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  buttons.forEach((button, index) => { button.tabIndex = index === to ? 0 : -1; });
  buttons[to].focus();
}

function startToolbar(bar) {
  bar.addEventListener('keydown', onToolbarKey);
  // A press must not take the focus, and with it the selection, out of the field.
  bar.addEventListener('mousedown', (event) => event.preventDefault());
  bar.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button) press(button);
  });
}

/* ---------- Completion of merge fields ---------- */

/* Where the caret is in the window, measured in the layer that holds the same text. */
function caretPlace(field, offset) {
  const box = field.getBoundingClientRect(), style = getComputedStyle(field), leading = parseFloat(style.lineHeight);
  const line = field.value.slice(0, offset).split('\n').length;
  const top = box.top + parseFloat(style.paddingTop) + (line - 1) * leading - field.scrollTop;
  const walker = document.createTreeWalker(layerOf(field), NodeFilter.SHOW_TEXT);
  let left = box.left, rest = offset;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (rest > node.data.length) {
      rest -= node.data.length;
      continue;
    }
    const range = document.createRange();
    range.setStart(node, rest);
    left = range.getBoundingClientRect().left;
    break;
  }
  return { left, top, bottom: top + leading };
}

/* The begun field before the caret: where its braces are, and what is typed of its name. */
function begun(field) {
  if (field.selectionStart !== field.selectionEnd) return null;
  const caret = field.selectionStart, found = /(\{\{-?)[ \t]*(\w*)$/.exec(field.value.slice(Math.max(0, caret - 80), caret));
  return found && { from: caret - found[0].length, caret, opening: found[1], name: found[2].toLowerCase() };
}

class Completion {
  constructor(field, list) {
    this.field = field;
    this.list = list;
    this.options = Array.from(list.querySelectorAll('[role="option"]'));
    this.active = null;
    this.refused = -1;
    field.addEventListener('keydown', (event) => this.onKey(event));
    field.addEventListener('blur', () => this.close());
    field.addEventListener('scroll', () => this.close(), { passive: true });
    list.addEventListener('mousedown', (event) => event.preventDefault());
    list.addEventListener('click', (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) this.choose(option);
    });
  }

  get isOpen() { return this.active !== null; }

  onInput(event) {
    const now = begun(this.field);
    if (!now) this.refused = -1;
    // Only what a person types opens the list; a text that is pasted or filled in does not.
    if (now && now.from !== this.refused && (this.isOpen || /^insert(Text|CompositionText)$/.test(event.inputType || ''))) this.show(now);
    else this.close();
  }

  show(now) {
    const fitting = this.options.filter((option) => option.dataset.name.includes(now.name));
    if (fitting.length === 0) {
      this.close();
      return;
    }
    // Names that begin so come before names that only hold it.
    const first = fitting.find((option) => option.dataset.name.startsWith(now.name)) || fitting[0];
    for (const option of this.options) option.hidden = !fitting.includes(option);
    this.from = now.from;
    if (!this.isOpen) {
      this.list.showPopover();
      this.watch();
    }
    this.place(now);
    this.mark(first);
  }

  /* What happens elsewhere on the page closes the list too; in a window of another size it moves along. */
  watch() {
    this.watching = new AbortController();
    const { signal } = this.watching;
    document.addEventListener('selectionchange', () => {
      const now = begun(this.field);
      if (!now || now.from !== this.from) this.close();
    }, { signal });
    for (const type of ['wheel', 'touchmove']) {
      window.addEventListener(type, (event) => {
        if (!this.list.contains(event.target)) this.close();
      }, { passive: true, signal });
    }
    window.addEventListener('resize', () => {
      const now = begun(this.field);
      if (now) this.place(now);
    }, { signal });
  }

  place(now) {
    const caret = caretPlace(this.field, now.from), list = this.list;
    const room = window.innerHeight - caret.bottom, isAbove = room < list.offsetHeight + 8 && caret.top > room;
    list.style.left = `${Math.max(8, Math.min(caret.left, document.documentElement.clientWidth - list.offsetWidth - 8))}px`;
    list.style.top = `${isAbove ? caret.top - list.offsetHeight - 4 : caret.bottom + 4}px`;
  }

  mark(option) {
    this.active = option;
    for (const other of this.options) other.setAttribute('aria-selected', String(other === option));
    this.field.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  }

  move(by) {
    const shown = this.options.filter((option) => !option.hidden), at = shown.indexOf(this.active);
    this.mark(shown[(at + by + shown.length) % shown.length]);
  }

  choose(option) {
    const now = begun(this.field);
    this.close();
    if (!now) return;
    // What is left of a field in which the caret stands goes with it.
    const rest = /^\w*([ \t]*-?\}\})?/.exec(this.field.value.slice(now.caret))[0];
    const closing = /-\}\}$/.test(rest) ? ' -}}' : ' }}';
    replace(this.field, now.from, now.caret + rest.length, `${now.opening} ${option.dataset.name}${closing}`);
  }

  close() {
    if (!this.isOpen) return;
    this.active = null;
    this.watching.abort();
    this.field.removeAttribute('aria-activedescendant');
    if (this.list.isConnected) this.list.hidePopover();
  }

  onKey(event) {
    if (event.isComposing) return;
    if (!this.isOpen) {
      const now = event.ctrlKey && event.key === ' ' ? begun(this.field) : null;
      if (!now) return;
      event.preventDefault();
      this.show(now);
      return;
    }
    if (event.key === 'ArrowDown') this.move(1);
    else if (event.key === 'ArrowUp') this.move(-1);
    else if (event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)) this.choose(this.active);
    else if (event.key === 'Escape') {
      this.refused = this.from;
      this.close();
    }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/* ---------- Start ---------- */

/* Moves the caret to a place and the place into view. */
export function goTo(field, line, column) {
  const at = field.value.split('\n').slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
  field.focus();
  field.setSelectionRange(at, at);
  const box = boxOf(field);
  if (!box) return;
  box.scrollTop = (line - 4) * parseFloat(getComputedStyle(field).lineHeight);
  const sight = field.getBoundingClientRect(), left = caretPlace(field, at).left;
  if (left < sight.left || left > sight.right - 24) field.scrollLeft += left - sight.left - sight.width / 2;
}

/* The server put another text into the field. */
export function paint(field, text) {
  if (!field) return;
  if (field.value !== text) field.value = text;
  colourNow(field);
}

export function start(field) {
  // The page was left before the call arrived.
  if (!field || field.started) return;
  field.started = true;
  const around = field.closest('.field');
  const completion = new Completion(field, around.querySelector('[role="listbox"]'));
  const bar = around.querySelector('[role="toolbar"]');
  if (bar) startToolbar(bar);
  field.addEventListener('scroll', () => follow(field), { passive: true });
  field.addEventListener('input', (event) => {
    colourSoon(field);
    completion.onInput(event);
  });
  field.addEventListener('keydown', (event) => {
    const piece = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && { b: 'bold', k: 'link' }[event.key.toLowerCase()];
    const button = piece && bar && bar.querySelector(`[data-piece="${piece}"]`);
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    press(button);
  });
  loadPrism().then(() => colourNow(field));
}
