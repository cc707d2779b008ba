/* The shell's menus, drawer and skip link. Loaded once, also if another person signs in: it listens at the document. */
import '../Controls/Popup.razor.js';
import './DraftKeeper.razor.js';

/* Menus and the drawer are the browser's popovers: they open without the server. */
function noteToggle(popover, open) {
  Array.prototype.forEach.call(document.querySelectorAll('[popovertarget="' + popover.id + '"]'), function (opener) {
    opener.setAttribute('aria-expanded', open ? 'true' : 'false');
  });
  if (!open) return;
  var item = popover.querySelector('[role^="menuitem"], a, button');
  if (item) item.focus();
}

document.addEventListener('toggle', function (event) {
  if (event.target.matches && event.target.matches('[popover]')) noteToggle(event.target, event.newState === 'open');
}, true);

// Popovers that were opened before this script arrived.
Array.prototype.forEach.call(document.querySelectorAll('[popover]:popover-open'), function (popover) { noteToggle(popover, true); });

document.addEventListener('click', function (event) {
  var item = event.target.closest('[popover] a, [popover] [role="menuitem"]');
  if (item) item.closest('[popover]').hidePopover();
});

document.addEventListener('keydown', function (event) {
  var menu = event.target.closest && event.target.closest('[role="menu"]');
  if (!menu) return;
  var items = Array.prototype.slice.call(menu.querySelectorAll('[role^="menuitem"]'));
  var at = items.indexOf(event.target);
  if (event.key === ' ' && event.target.matches('a')) {
    event.preventDefault();
    event.target.click();
    return;
  }
  var to = { ArrowDown: (at + 1) % items.length, ArrowUp: (at + items.length - 1) % items.length, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items[to].focus();
});

/* The skip link moves the focus to its target. */
document.addEventListener('click', function (event) {
  var link = event.target.closest('a.skip');
  if (!link) return;
  event.preventDefault();
  var target = document.getElementById(link.getAttribute('href').split('#')[1]);
  if (target) target.focus();
});
