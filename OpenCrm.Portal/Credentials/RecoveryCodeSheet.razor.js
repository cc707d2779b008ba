/* Copies a text to the clipboard; false where the browser refuses. */
export function copy(text) {
  if (!navigator.clipboard) return Promise.resolve(copyBySelection(text));
  return navigator.clipboard.writeText(text).then(function () { return true; }, function () { return copyBySelection(text); });
}

/* Saves a text as a file of the person's own computer. The server never holds it. */
export function download(name, text) {
  var address = URL.createObjectURL(new Blob(['\ufeff' + text], { type: 'text/plain;charset=utf-8' }));
  var link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  /* The browser reads the file after this function; WebKit does so late. */
  setTimeout(function () { URL.revokeObjectURL(address); }, 60000);
  return true;
}

/* Prints one element alone: on paper, everything beside it and beside what holds it is left out. The screen does not change. */
export function print(sheet) {
  var left = [];
  for (var part = sheet; part.parentElement; part = part.parentElement) {
    Array.prototype.forEach.call(part.parentElement.children, function (other) {
      if (other !== part && other.tagName !== 'HEAD') left.push(other);
    });
  }
  var rule = new CSSStyleSheet();
  rule.replaceSync('@media print { [data-not-printed] { display: none !important } }');
  left.forEach(function (other) { other.setAttribute('data-not-printed', ''); });
  document.adoptedStyleSheets = document.adoptedStyleSheets.concat(rule);
  addEventListener('afterprint', function () {
    left.forEach(function (other) { other.removeAttribute('data-not-printed'); });
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(function (sheet) { return sheet !== rule; });
  }, { once: true });
  window.print();
  return true;
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
