/* Opens the dialog of a popup and returns the focus afterwards. The shell loads this script early, because it remembers the opener by the last
   click. */
var lastClicked = null;
var openers = {};

document.addEventListener('click', function (event) {
  lastClicked = event.target.closest('button, a, input, [tabindex]');
}, true);

function pressCancel(dialog) {
  var cancel = dialog.querySelector('[data-cancel]');
  if (cancel && !cancel.disabled) cancel.click();
}

export function open(dialog) {
  if (!dialog || dialog.open || !dialog.isConnected) return;
  // Safari does not focus a button that is clicked.
  openers[dialog.id] = window.portal.isFree() ? lastClicked : document.activeElement;
  dialog.addEventListener('cancel', function (event) {
    event.preventDefault();
    pressCancel(dialog);
  });
  // The key is prevented too: at the second Esc a browser closes the dialog without asking the page.
  dialog.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    pressCancel(dialog);
  });
  dialog.showModal();
  var first = dialog.querySelector('[data-focus]')
    || dialog.querySelector('[data-focus-last]')
    || dialog.querySelector('.dialog__body input:not([disabled]), .dialog__body textarea:not([disabled])')
    || dialog.querySelector('[type="submit"]:not([disabled])')
    || dialog.querySelector('h2');
  if (first) first.focus();
}

export function close(id) {
  var opener = openers[id];
  delete openers[id];
  // close() is called before the render that removes the popup.
  var dialog = document.getElementById(id);
  if (dialog && dialog.open) dialog.close();
  if (opener && opener.isConnected && !opener.disabled) opener.focus();
  // An opener such as "Disable MFA" disappears in the next render, once its action is done. Then the focus goes to the page's heading.
  setTimeout(function () {
    if (window.portal.isFree() && !document.querySelector('dialog[open]')) window.portal.focusHeading();
  }, 150);
}
