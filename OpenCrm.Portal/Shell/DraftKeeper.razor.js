/* Keeps what is typed into fields that ask for it (data-draft) in the tab's session storage, and fills it in again after the page had to be loaded
   again: the connection was away for long, or the server was started anew. Only those fields, so no password, code or key; only for the session that
   the page names (data-person); until it is saved, discarded or left. head.js removes it when the page becomes somebody else's or nobody's. */
const OWNER = 'drafts-of', DRAFTS = 'drafts';
/* Longer than the gap between two keys, because a whole template is written each time. */
const SOON = 300;

/* By the draft's key, the field that holds it on this page. */
const live = new Map();
/* What a field held before somebody typed into it, and before a draft was filled in. */
const before = new WeakMap(), filled = new Map();
/* By the field, the key under which it was looked at. */
const seen = new WeakMap();
let later = null, typist = '';

const person = () => document.querySelector('[data-person]')?.dataset.person || '';
const isUp = () => document.documentElement.dataset.circuit === 'up';
const keyOf = (field) => `${location.pathname} ${field.dataset.draft}`;
const fields = () => Array.from(document.querySelectorAll('[data-draft]:not([type="password"])'));
const fieldsOf = (key) => fields().filter((field) => keyOf(field) === key);

function valueOf(field) {
  if (field.type === 'checkbox') return field.checked ? 'on' : '';
  if (field.type === 'radio') return fieldsOf(keyOf(field)).find((choice) => choice.checked)?.value || '';
  return field.value;
}

function read() {
  try {
    return person() && sessionStorage.getItem(OWNER) === person() ? JSON.parse(sessionStorage.getItem(DRAFTS)) || {} : {};
  } catch (noStorage) {
    return {};
  }
}

function write(drafts) {
  try {
    if (Object.keys(drafts).length === 0) {
      sessionStorage.removeItem(DRAFTS);
      sessionStorage.removeItem(OWNER);
      return;
    }
    sessionStorage.setItem(OWNER, person());
    sessionStorage.setItem(DRAFTS, JSON.stringify(drafts));
  } catch (full) { /* Not kept. Before it would be lost, the dialog about the connection asks (isKept). */ }
}

function keep() {
  if (later) clearTimeout(later);
  later = null;
  // Typed by somebody who has left meanwhile.
  if (!typist || typist !== person()) return;
  const drafts = read();
  live.forEach((field, key) => {
    if (valueOf(field) === before.get(field)) delete drafts[key];
    else drafts[key] = { value: valueOf(field), base: before.get(field) };
  });
  write(drafts);
}

function keepSoon() {
  typist = person();
  if (later) clearTimeout(later);
  later = setTimeout(keep, SOON);
}

/* Typed before this script was there to hear it: the server has marked the field. */
function takeUpChanged() {
  if (!isUp()) return;
  const unheard = fields().filter((field) => field.hasAttribute('data-changed') && !live.has(keyOf(field)));
  if (unheard.length === 0) return;
  unheard.forEach((field) => live.set(keyOf(field), field));
  keepSoon();
}

function drop(keys) {
  const drafts = read();
  keys.forEach((key) => {
    before.delete(live.get(key));
    live.delete(key);
    filled.delete(key);
    delete drafts[key];
  });
  write(drafts);
  // A form none of whose fields waits any more needs no note.
  document.querySelectorAll('form > .draft').forEach((note) => {
    if (![...filled.keys()].some((key) => fieldsOf(key).some((field) => field.form === note.parentNode))) note.remove();
  });
}

function set(field, value) {
  if (field.type === 'checkbox') field.checked = value === 'on';
  else if (field.type === 'radio') field.checked = field.value === value;
  else field.value = value;
  field.dispatchEvent(new Event(/^(checkbox|radio)$/.test(field.type) ? 'change' : 'input', { bubbles: true }));
}

function fill(field, key, { value, base }) {
  const was = valueOf(field);
  live.set(key, field);
  if (was === value) return;
  // The draft began from another text than the one that is stored now: saving it would undo somebody's work unseen.
  const isOlder = base !== undefined && base !== was;
  before.set(field, was);
  filled.set(key, was);
  set(field.type === 'radio' ? fieldsOf(key).find((choice) => choice.value === value) || field : field, value);
  if (!field.form) return;
  if (!field.form.querySelector(':scope > .draft')) field.form.prepend(document.querySelector('[data-draft-note] > *').cloneNode(true));
  if (isOlder) field.form.querySelector(':scope > .draft [data-draft-older]').hidden = false;
}

/* Fills fields that have just appeared. A field that cannot be written into yet waits: its form is not listening, or a tick has to come first. */
function fillNew() {
  if (!isUp()) return;
  const fresh = fields().filter((field) => seen.get(field) !== keyOf(field) && !field.matches(':disabled') && !field.readOnly);
  if (fresh.length === 0) return;
  const drafts = read();
  typist = person();
  fresh.forEach((field) => {
    const key = keyOf(field);
    seen.set(field, key);
    if (key in drafts && (field.type !== 'radio' || !live.has(key))) fill(field, key, drafts[key]);
  });
}

/* Saved or discarded in the form, or gone with it: a popup was closed, the page was left. */
function dropSettled(changes) {
  const settled = changes
    .filter((change) => change.attributeName === 'data-changed' && !change.target.hasAttribute('data-changed'))
    .map((change) => seen.get(change.target));
  if (isUp()) live.forEach((field, key) => {
    if (!fieldsOf(key).length) settled.push(key);
  });
  const keys = new Set(settled.filter((key) => key !== undefined && (live.has(key) || key in read())));
  if (keys.size > 0) drop(keys);
}

document.addEventListener('focusin', (event) => {
  const field = event.target;
  if (field.matches('[data-draft]') && !before.has(field)) before.set(field, valueOf(field));
});

document.addEventListener('input', (event) => {
  const field = event.target;
  if (!event.isTrusted || !field.matches('[data-draft]:not([type="password"])')) return;
  if (field.type === 'radio') fieldsOf(keyOf(field)).forEach((choice) => before.delete(choice));
  live.set(keyOf(field), field);
  keepSoon();
});

document.addEventListener('click', (event) => {
  const note = event.target.closest('[data-draft-discard]')?.closest('form > .draft');
  if (!note) return;
  const form = note.parentNode;
  const keys = [...filled.keys()].filter((key) => fieldsOf(key).some((field) => field.form === form));
  keys.forEach((key) => {
    const was = filled.get(key);
    const held = fieldsOf(key);
    if (held[0].type !== 'radio') set(held[0], was);
    // No star can be taken back, only another one chosen.
    else held.filter((choice) => choice.value === was).forEach((choice) => set(choice, was));
  });
  drop(keys);
  note.remove();
});

window.addEventListener('pagehide', keep);

/* Whether a field's text would come back after the page was loaded again. */
window.portal.isKept = (field) => {
  if (!field.matches('[data-draft]')) return false;
  keep();
  return read()[keyOf(field)]?.value === valueOf(field) || valueOf(field) === before.get(field);
};

new MutationObserver((changes) => {
  dropSettled(changes);
  fillNew();
  takeUpChanged();
}).observe(document.documentElement, {
  subtree: true, childList: true, attributes: true, attributeFilter: ['data-changed', 'data-circuit', 'data-draft', 'disabled', 'readonly']
});
fillNew();
takeUpChanged();
