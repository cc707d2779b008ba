/* Copies the code to the clipboard; false where the browser refuses. */
export function copy(text) {
  if (!navigator.clipboard) return Promise.resolve(copyBySelection(text));
  return navigator.clipboard.writeText(text).then(function () { return true; }, function () { return copyBySelection(text); });
}

/* Without TLS browsers offer no clipboard API; then a selection is copied. */
function copyBySelection(text) {
  var active = document.activeElement;
  var area = document.createElement('textarea');
  area.value = text;
  area.className = 'hidden';
  (document.querySelector('dialog[open]') || document.body).appendChild(area);
  area.select();
  var done = false;
  try { done = document.execCommand('copy'); } catch (refused) { done = false; }
  area.remove();
  if (active) active.focus();
  return done;
}
