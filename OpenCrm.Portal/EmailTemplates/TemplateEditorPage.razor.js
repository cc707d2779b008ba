/* Inserts merge fields at the caret, and moves the caret to a fault. Only the browser knows where the caret is. */
import { goTo, replace } from './SourceField.razor.js';

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
  if (field) replace(field, field.selectionStart, field.selectionEnd, chip.dataset.insert);
  var place = event.target.closest('[data-go]');
  if (place) goTo(document.getElementById(place.dataset.go), Number(place.dataset.line), Number(place.dataset.column));
});
