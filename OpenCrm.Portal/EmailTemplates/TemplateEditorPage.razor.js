// Merge fields go where the caret is, faults lead to their place; both in the browser, because only it knows the caret.

export function start(root) {
  let last = null;

  const isField = element => element.matches('input.input, .source textarea');

  root.addEventListener('focusin', event => {
    if (isField(event.target)) last = event.target;
  });

  // A click on a chip leaves the focus, and with it the caret, where it is.
  root.addEventListener('mousedown', event => {
    if (event.target.closest('[data-insert]')) event.preventDefault();
  });

  root.addEventListener('click', event => {
    const chip = event.target.closest('[data-insert]');
    if (chip) insert(target(), chip.dataset.insert);
    const place = event.target.closest('[data-go]');
    if (place) goTo(document.getElementById(place.dataset.go), Number(place.dataset.line), Number(place.dataset.column));
  });

  // More than a message to the server may hold would end the circuit, and everything typed with it.
  root.addEventListener('input', event => {
    const most = Number(event.target.dataset.most);
    if (most && event.target.value.length > most) event.target.value = event.target.value.slice(0, most);
  }, true);

  function target() {
    if (last && last.isConnected && last.offsetParent !== null) return last;
    const body = Array.from(root.querySelectorAll('.source textarea')).find(area => area.offsetParent !== null);
    body.setSelectionRange(body.value.length, body.value.length);
    return body;
  }
}

function insert(field, text) {
  field.focus();
  // This way Ctrl+Z takes it back; where a browser does not do it, the text is set.
  if (document.execCommand('insertText', false, text)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

function goTo(field, line, column) {
  const lines = field.value.split('\n');
  const at = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
  field.focus();
  field.setSelectionRange(at, at);
  const box = field.closest('.source');
  if (box) box.scrollTop = (line - 4) * 20;
}
