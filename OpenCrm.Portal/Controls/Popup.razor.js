/* Opens the dialog of a popup and gives the focus back afterwards. The shell loads it with itself: it knows the opener by the last click. */
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
  // Safari leaves the focus on the page when a button is clicked.
  openers[dialog.id] = window.portal.isFree() ? lastClicked : document.activeElement;
  dialog.addEventListener('cancel', function (event) {
    event.preventDefault();
    pressCancel(dialog);
  });
  // Prevented as a key, too: a browser closes a dialog at the second Esc without asking the page.
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
  // The popup is told to close before the render that takes it away.
  var dialog = document.getElementById(id);
  if (dialog && dialog.open) dialog.close();
  if (opener && opener.isConnected && !opener.disabled) opener.focus();
  // "Disable MFA" goes once it was done, in the render that follows: then start again at the page's heading.
  setTimeout(function () {
    if (window.portal.isFree() && !document.querySelector('dialog[open]')) window.portal.focusHeading();
  }, 150);
}
