/* Inserts merge fields at the caret, and moves the caret to a fault. Only the browser knows where the caret is. */
var lastWritten = null;

function isTemplatePart(element) {
  return element.matches('.editor input, .editor textarea');
}

// A text that is made from the HTML is shown in a field that nobody writes into.
function isOpen(field) {
  return field.offsetParent !== null && !field.readOnly;
}

function insertionPlace(editor) {
  if (lastWritten && editor.contains(lastWritten) && isOpen(lastWritten)) return lastWritten;
  var body = Array.prototype.find.call(editor.querySelectorAll('textarea'), isOpen);
  if (!body) return null;
  body.setSelectionRange(body.value.length, body.value.length);
  return body;
}

function insertAtCaret(field, text) {
  field.focus();
  // An insertText command can be undone with Ctrl+Z. Where the browser refuses it, the text is set directly.
  if (document.execCommand('insertText', false, text)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

function goToPlace(field, line, column) {
  var at = field.value.split('\n').slice(0, line - 1).reduce(function (sum, text) { return sum + text.length + 1; }, 0) + column - 1;
  field.focus();
  field.setSelectionRange(at, at);
  var box = field.closest('.source');
  if (box) box.scrollTop = (line - 4) * parseFloat(getComputedStyle(field).lineHeight);
}

document.addEventListener('focusin', function (event) {
  if (isTemplatePart(event.target)) lastWritten = event.target;
});

// A click on a chip must not take the focus, and with it the caret, out of the field.
document.addEventListener('mousedown', function (event) {
  if (event.target.closest('[data-insert]')) event.preventDefault();
});

document.addEventListener('click', function (event) {
  var chip = event.target.closest('[data-insert]');
  var field = chip && insertionPlace(chip.closest('.editor'));
  if (field) insertAtCaret(field, chip.dataset.insert);
  var place = event.target.closest('[data-go]');
  if (place) goToPlace(document.getElementById(place.dataset.go), Number(place.dataset.line), Number(place.dataset.column));
});
