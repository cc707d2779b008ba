/* What every page needs and only the browser can do. Loaded in the head, before the first paint, so that the wrong theme never flashes. Other scripts
   are beside their component. */
(function () {
  'use strict';

  var root = document.documentElement;

  /* ---------- Theme ---------- */

  var systemDark = window.matchMedia('(prefers-color-scheme: dark)');

  /* The server decides: a prefix, and then Secure; or on this machine neither. */
  var cookiePrefix = root.getAttribute('data-cookie-prefix');

  function readCookie(name) {
    var found = document.cookie.match('(?:^|; )' + cookiePrefix + name + '=([^;]*)');
    return found ? found[1] : '';
  }

  function writeCookie(name, value) {
    document.cookie = cookiePrefix + name + '=' + value + '; path=/; max-age=31536000; samesite=lax' + (cookiePrefix ? '; secure' : '');
  }

  function theme() {
    return readCookie('theme') || 'system';
  }

  function applyTheme() {
    var dark = theme() === 'dark' || (theme() === 'system' && systemDark.matches);
    root.setAttribute('data-theme', dark ? 'dark' : 'light');
    // The server prerenders the next page with this.
    writeCookie('system-dark', systemDark.matches ? '1' : '0');
  }

  function setTheme(choice) {
    writeCookie('theme', choice);
    applyTheme();
  }

  applyTheme();
  systemDark.addEventListener('change', applyTheme);

  /* ---------- Tokens of mailed links ---------- */

  var linkToken = null;

  function bringsToken() {
    return /^\/(reset-password|invitation|lost-device\/confirm)\/?$/i.test(location.pathname) && location.hash.length > 1;
  }

  if (bringsToken()) {
    linkToken = location.hash.slice(1);
    // The token goes before the circuit starts, which sends the server the whole address, and before the page can be bookmarked.
    history.replaceState(history.state, '', location.pathname + location.search);
  }

  // A newer link opened in the same tab changes only the fragment, and loads nothing.
  window.addEventListener('hashchange', function () {
    if (bringsToken()) location.reload();
  });

  /* Kept as long as the page: a form that is created again, because a session ended, asks again. Empty if the address had none. */
  function readLinkToken() {
    return linkToken || '';
  }

  /* ---------- Focus ---------- */

  function isFree() {
    var active = document.activeElement;
    return !active || active === document.body || !active.isConnected;
  }

  function focusIfFree(element) {
    if (element && isFree()) element.focus();
  }

  function focusHeading() {
    var heading = document.querySelector('main h1');
    if (!heading) return;
    heading.setAttribute('tabindex', '-1');
    heading.focus();
  }

  /* After a change of page. A field that asks for the focus keeps it; otherwise the heading gets it. */
  function focusPage() {
    if (document.querySelector('main [data-focus]')) return;
    var main = document.querySelector('main');
    if (main && main.contains(document.activeElement)) return;
    if (document.querySelector('main h1')) focusHeading();
    else if (main) main.focus();
  }

  /* ---------- Fields ---------- */

  /* Reports to the circuit what the fields hold; it ignores what it knows. */
  function readFields(form) {
    if (!form) return;
    Array.prototype.forEach.call(form.querySelectorAll('input:not([type="checkbox"]):not([type="radio"]), textarea'), function (field) {
      if (field.value !== '') field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    Array.prototype.forEach.call(form.querySelectorAll('input[type="radio"]:checked'), function (choice) {
      choice.dispatchEvent(new Event('change', { bubbles: true }));
    });
  }

  /* ---------- Texts longer than a message to the server ---------- */

  /* A larger message would end the circuit, and everything typed would be lost. So of a text that is too long only the beginning is sent. It is still
     more than any field takes, so the server says so at the field and refuses to save. All of the text stays where it was typed. */
  var MOST_SENT = 20000, MOST_BYTES = 240000;

  function wholeValue(field) {
    return Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').get.call(field);
  }

  /* The part to send; null for all of it. */
  function portion(field) {
    var whole = wholeValue(field), most = Number(field.dataset.most) || MOST_SENT;
    if (whole.length <= most && whole.length * 6 <= MOST_BYTES) return null;
    var beginning = whole.slice(0, most);
    // Characters that are sent as six bytes each. Another control character replaces them; no field takes that either.
    if (new TextEncoder().encode(JSON.stringify(beginning)).length > MOST_BYTES)
      beginning = beginning.replace(
        /[\u0000-\u0008\u000b-\u001f]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g,
        function (heavy) { return heavy.length === 2 ? heavy : '\u007f'; });
    return beginning === whole ? null : beginning;
  }

  document.addEventListener('input', function (event) {
    var field = event.target;
    if (!field.matches('input:not([type="file"]), textarea')) return;
    var beginning = portion(field);
    if (beginning !== null) Object.defineProperty(field, 'value', { configurable: true, get: function () { return beginning; } });
  }, true);

  // Undone once the framework, which listens at the document, has read it.
  window.addEventListener('input', function (event) {
    delete event.target.value;
  });

  /* ---------- Pages translated by the browser ---------- */

  /* Pages ask not to be translated (App.razor). A translator that does so all the same replaces each text node by an element of its own. The circuit
     goes on writing into the removed node, so the page would show "Active" after Lock; removing that node, or inserting before it, would even end the
     circuit. So a removed text node is put back, empty, before its stand-in. When the circuit writes into it or removes it, the stand-in goes. */
  var translated = new Map();

  function isStandIn(node) {
    return !!node && (node.nodeName === 'FONT' || node.nodeName.indexOf('-') > 0
      || (node.nodeType === Node.TEXT_NODE && node.parentNode !== null && node.parentNode.nodeName === 'TITLE'));
  }

  function standInOf(change) {
    var taken = new Set(Array.from(translated.values(), function (known) { return known.standIn; }));
    var near = Array.prototype.concat.call(Array.prototype.slice.call(change.addedNodes), [change.previousSibling, change.nextSibling]);
    return near.find(function (node) {
      return isStandIn(node) && node.isConnected && !taken.has(node);
    });
  }

  function onTaken(node, change) {
    var known = translated.get(node);
    if (known) {
      if (node.isConnected) return;
      translated.delete(node);
      known.standIn.remove();
      return;
    }
    if (node.nodeType !== Node.TEXT_NODE || node.isConnected || node.data.trim() === '') return;
    var standIn = standInOf(change);
    if (!standIn) return;
    translated.set(node, { standIn: standIn, said: node.data });
    node.data = '';
    standIn.parentNode.insertBefore(node, standIn);
  }

  /* The translator removed its own element: "Show original". */
  function onRestored(standIn, change) {
    translated.forEach(function (known, text) {
      if (known.standIn !== standIn || standIn.isConnected) return;
      var other = Array.prototype.find.call(change.addedNodes, function (node) { return node !== text && node.isConnected; });
      if (other) {
        known.standIn = other;
        return;
      }
      translated.delete(text);
      if (text.isConnected && text.data === '') text.data = known.said;
    });
  }

  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      if (change.type === 'characterData') {
        var known = translated.get(change.target);
        if (!known || change.target.data === '') return;
        translated.delete(change.target);
        known.standIn.remove();
        return;
      }
      change.removedNodes.forEach(function (node) {
        if (translated.size > 0 && !translated.has(node)) onRestored(node, change);
        onTaken(node, change);
      });
    });
    if (translated.size > 500) translated.forEach(function (_, text) {
      if (!text.isConnected) translated.delete(text);
    });
  }).observe(root, { subtree: true, childList: true, characterData: true });

  /* ---------- Drafts ---------- */

  /* What somebody typed is kept in this tab for them alone (Shell/DraftKeeper.razor.js). It goes as soon as the page is somebody else's or
     nobody's. A page that does not say whose it is, because the portal is away, takes nothing. */
  function dropDraftsOfOthers() {
    var person = document.querySelector('[data-person]');
    if (!person) return;
    try {
      if (sessionStorage.getItem('drafts-of') === person.getAttribute('data-person')) return;
      sessionStorage.removeItem('drafts');
      sessionStorage.removeItem('drafts-of');
    } catch (noStorage) { /* Then nothing is kept. */ }
  }

  document.addEventListener('DOMContentLoaded', dropDraftsOfOthers);
  new MutationObserver(dropDraftsOfOthers).observe(root, { subtree: true, attributes: true, attributeFilter: ['data-person'] });

  /* ---------- Session, time ---------- */

  /* A token made before the person changed is refused, so it is fetched just before each use. */
  function postSession(url, ticket) {
    return fetch('/session/antiforgery', { credentials: 'same-origin', cache: 'no-store' }).then(function (answer) {
      return answer.ok ? answer.json() : Promise.reject(answer.status);
    }).then(function (antiforgery) {
      var headers = { 'Content-Type': 'application/json' };
      headers[antiforgery.header] = antiforgery.token;
      return fetch(url, {
        method: 'POST', credentials: 'same-origin', redirect: 'error', headers: headers,
        body: JSON.stringify(ticket ? { ticket: ticket } : {})
      });
    }).then(function (answer) {
      return answer.status;
    }, function (status) {
      return typeof status === 'number' ? status : 0;
    });
  }

  function browser() {
    return { zone: Intl.DateTimeFormat().resolvedOptions().timeZone || null, culture: navigator.language || null };
  }

  /* ---------- Activity ---------- */

  /* Idle time depends on what the person does: that is reported to the server, at once and then at most every few seconds. Scripts, renders and
     timers do not count. */
  var REPORT_EVERY = 5000;
  var activityWatcher = null, lastReport = 0, reportLater = null;

  function reportActivity() {
    reportLater = null;
    lastReport = Date.now();
    try {
      activityWatcher.invokeMethodAsync('NoteActivityAsync').catch(function () { /* No connection: the next event reports again. */ });
    } catch (gone) { /* The same. */ }
  }

  function noteActivity(event) {
    if (!event.isTrusted || !activityWatcher || reportLater) return;
    var wait = lastReport + REPORT_EVERY - Date.now();
    if (wait <= 0) reportActivity();
    else reportLater = setTimeout(reportActivity, wait);
  }

  function watchActivity(watcher) {
    activityWatcher = watcher;
  }

  ['pointerdown', 'keydown', 'wheel', 'touchmove'].forEach(function (kind) {
    document.addEventListener(kind, noteActivity, { capture: true, passive: true });
  });

  /* ---------- Popups ---------- */

  /* Fetched by the first popup, or by the shell before. Once there it acts at once: a popup is told to close before the render that takes it away. */
  var popups = null;

  function withPopups(act, without) {
    if (popups) {
      act();
      return null;
    }
    return import('./Controls/Popup.razor.js').then(function (module) {
      popups = module;
      act();
    }, without);
  }

  /* Without its script a popup still opens and closes; only where the focus goes is left to the browser. */
  function openPopup(dialog) {
    return withPopups(function () { popups.open(dialog); }, function () {
      if (dialog && dialog.isConnected && !dialog.open) dialog.showModal();
    });
  }

  function closePopup(id) {
    return withPopups(function () { popups.close(id); }, function () {
      var dialog = document.getElementById(id);
      if (dialog && dialog.open) dialog.close();
    });
  }

  window.portal = {
    browser: browser,
    closePopup: closePopup,
    focusHeading: focusHeading,
    focusIfFree: focusIfFree,
    focusPage: focusPage,
    isFree: isFree,
    openPopup: openPopup,
    postSession: postSession,
    readFields: readFields,
    readLinkToken: readLinkToken,
    setTheme: setTheme,
    watchActivity: watchActivity
  };
})();
