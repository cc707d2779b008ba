/* What only the browser can do. Loaded in the head, before the first paint, so that the theme never flashes. */
(function () {
  'use strict';

  var root = document.documentElement;
  var loadedAt = Date.now();

  root.setAttribute('data-scripted', '');

  /* ---------- Theme ---------- */

  var systemDark = window.matchMedia('(prefers-color-scheme: dark)');

  /* The server decides on the names: with the prefix, and then Secure, or on this machine without both. */
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
    // The server prerenders the next page with what it reads here.
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
    // Before the circuit starts, which tells the server the whole address, and before anything can be bookmarked.
    history.replaceState(history.state, '', location.pathname + location.search);
  }

  // A newer link opened in the same tab changes the fragment only, and loads nothing.
  window.addEventListener('hashchange', function () {
    if (bringsToken()) location.reload();
  });

  /* Kept as long as the page is: a form that is made anew, because a session ended meanwhile, asks again. Empty: the address brought none. */
  function readLinkToken() {
    return linkToken || '';
  }

  /* ---------- The circuit: up, lost, gone ---------- */

  var wasUp = false;

  function markUp() {
    if (!wasUp) endStart();
    wasUp = true;
    root.setAttribute('data-circuit', 'up');
  }

  function markDown() {
    root.removeAttribute('data-circuit');
  }

  var touched = new WeakSet();

  document.addEventListener('input', function (event) {
    // Only what a person typed, not what readFields reports.
    if (event.isTrusted) touched.add(event.target);
  });

  function hasUnsavedText() {
    return Array.prototype.some.call(document.querySelectorAll('input, textarea, select'), function (field) {
      return touched.has(field) && field.value !== '';
    });
  }

  function watchConnection() {
    var dialog = document.getElementById('reconnect');
    if (!dialog || dialog.watched) return;
    dialog.watched = true;
    dialog.addEventListener('components-reconnect-state-changed', function (event) {
      var state = event.detail.state;
      // Broken before it began: there is nothing that could be connected again.
      if (!wasUp) {
        if (state !== 'hide') restartWhenThere('/' + FIRST_QUESTION);
        return;
      }
      if (state === 'hide') {
        lostState = null;
        elsewhere = false;
        if (dialog.open) dialog.close();
        // What was typed while the line was broken never arrived.
        Array.prototype.forEach.call(document.forms, readFields);
        markUp();
        return;
      }
      markDown();
      // The server knows this page no longer. Nothing typed: load it again at once. Else the person decides when.
      if (state === 'rejected' && !hasUnsavedText()) {
        location.reload();
        return;
      }
      lostState = state === 'rejected' ? null : state;
      showLost(dialog, lostState && elsewhere ? 'address' : state);
      if (lostState) lookElsewhere(dialog);
    });
    dialog.addEventListener('cancel', function (event) { event.preventDefault(); });
    dialog.addEventListener('click', function (event) {
      var button = event.target.closest('[data-reconnect]');
      if (!button) return;
      if (button.getAttribute('data-reconnect') === 'reload') {
        location.reload();
        return;
      }
      if (!wasUp) {
        tryNow();
        return;
      }
      Promise.resolve(window.Blazor.reconnect()).then(function (same) {
        if (same === false) location.reload();
      }, function () { /* Still no connection: the retries go on. */ });
    });
  }

  function showLost(dialog, state) {
    dialog.setAttribute('data-state', state);
    // What was typed and will not arrive any more can still be copied: not over an inert page, unless a popup made it inert already.
    var aside = (state === 'rejected' || (state === 'address' && hasUnsavedText())) && !document.querySelector('dialog:modal:not(#reconnect)');
    dialog.setAttribute('aria-modal', String(!aside));
    if (dialog.open && dialog.matches(':modal') === !aside) return;
    if (dialog.open) dialog.close();
    if (aside) dialog.show();
    else dialog.showModal();
  }

  /* While a connection that stood is lost. Blazor tries again for ever, also where the portal answers that it has another address by now: that is asked beside it. */
  var LOOK_EVERY = 5000;
  var lostState = null, looking = false, elsewhere = false;

  function lookElsewhere(dialog) {
    if (looking) return;
    looking = true;
    elsewhere = false;
    (function look() {
      askWhy().then(function (why) {
        elsewhere = why === 'address';
        if (lostState) showLost(dialog, elsewhere ? 'address' : lostState);
        return new Promise(function (done) { setTimeout(done, LOOK_EVERY); });
      }).then(function () {
        if (lostState && dialog.open) look();
        else looking = false;
      });
    })();
  }

  function watchFailure(bar) {
    new MutationObserver(function () {
      if (bar.style.display === 'block') markDown();
    }).observe(bar, { attributes: true, attributeFilter: ['style'] });
    bar.addEventListener('click', function (event) {
      if (event.target.closest('button')) location.reload();
    });
  }

  /* ---------- The start of the circuit ---------- */

  /* Blazor tries once to connect, and a page that did not stays dead. So the first connection is tried until it stands, and what keeps it from standing is said.
     Nothing is typed before: every form is prerendered disabled. */
  var RETRY_EVERY = 4000, RETRY_HOPELESS_EVERY = 10000;
  var SLOW_AFTER = 10000, STALLED_AFTER = 30000;
  /* The server takes what it prerendered for five minutes. */
  var STALE_AFTER = 240000;

  /* What Blazor asks for first, as it writes it. */
  var FIRST_QUESTION = '_blazor/initializers';

  var connecting = false, connected = false, restarting = false;
  var pauseEnds = null;

  function showStart(state) {
    var dialog = document.getElementById('reconnect');
    if (wasUp || !dialog) return;
    watchConnection();
    dialog.setAttribute('data-state', state);
    dialog.setAttribute('aria-modal', 'true');
    if (!dialog.open) dialog.showModal();
  }

  function endStart() {
    var dialog = document.getElementById('reconnect');
    if (dialog && dialog.open) dialog.close();
  }

  function pause(time) {
    return new Promise(function (done) {
      var timer = setTimeout(done, time);
      pauseEnds = function () {
        clearTimeout(timer);
        done();
      };
    });
  }

  function tryNow() {
    if (pauseEnds) pauseEnds();
  }

  window.addEventListener('online', tryNow);

  /* Only an address of the web, whatever answered. */
  function isWebAddress(text) {
    try {
      return /^https?:$/.test(new URL(text).protocol);
    } catch (none) {
      return false;
    }
  }

  function offerAddress(publicAddress) {
    if (!isWebAddress(publicAddress) || new URL(publicAddress).origin === location.origin) return false;
    var link = document.querySelector('.reconnect__address');
    link.textContent = publicAddress;
    // As text, not resolved: a path that begins with two slashes would name another host.
    link.href = new URL(publicAddress).origin + location.pathname + location.search;
    return true;
  }

  /* What the portal says to the first step of a connection. */
  function askWhy() {
    return ask('/_blazor/negotiate?negotiateVersion=1', { method: 'POST', credentials: 'same-origin', cache: 'no-store' }).then(function (answer) {
      if (answer.ok) return 'answers';
      // Refused for the origin, or for the name itself.
      var otherwise = answer.status === 403 ? 'blocked' : 'starting';
      if (answer.status !== 403 && answer.status !== 400) return otherwise;
      return answer.json().then(function (refusal) {
        return offerAddress(refusal.publicAddress) ? 'address' : otherwise;
      }, function () { return otherwise; });
    }, function () { return 'starting'; });
  }

  function startUntilConnected(start, attempt, answered) {
    return start().then(function (result) {
      connected = true;
      if (Date.now() - loadedAt < STALE_AFTER) return result;
      location.reload();
      return new Promise(function () { /* The page goes. */ });
    }, function () {
      return askWhy().then(function (why) {
        answered = why === 'answers' ? answered + 1 : 0;
        // Once: it came back in between. Again: the way to the portal is open, for anything but the socket.
        var state = why === 'answers' ? (answered > 1 ? 'blocked' : 'starting') : why;
        showStart(state);
        return pause(state === 'starting' ? Math.min(attempt * 400, RETRY_EVERY) : RETRY_HOPELESS_EVERY);
      }).then(function () {
        return startUntilConnected(start, attempt + 1, answered);
      });
    });
  }

  function keepStarting(builder) {
    var build = builder.build;
    builder.build = function () {
      var connection = build.apply(builder, arguments);
      // A connection that stood and broke has Blazor's own retries.
      if (connecting) return connection;
      connecting = true;
      var start = connection.start;
      connection.start = function () {
        return startUntilConnected(function () { return start.call(connection); }, 1, 0);
      };
      return connection;
    };
    return builder;
  }

  /* Before there is a connection to try: a script or an answer that it needs is missing. Only a new load brings it, once it is there; one that did not help is not repeated. */
  function restartWhenThere(address) {
    if (restarting) return;
    restarting = true;
    var helps = true;
    try {
      helps = Date.now() - Number(sessionStorage.getItem('restarted') || 0) > 60000;
    } catch (noStorage) {
      helps = false;
    }
    (function look(attempt) {
      fetch(address, { credentials: 'same-origin', cache: 'no-store' }).then(function (answer) { return answer.status; }, function () { return 0; }).then(function (status) {
        if (status >= 200 && status < 300 && helps) {
          sessionStorage.setItem('restarted', String(Date.now()));
          location.reload();
          return;
        }
        var hopeless = status >= 200 && status < 500;
        showStart(hopeless ? 'stalled' : 'starting');
        if (hopeless && !helps) return;
        pause(hopeless ? RETRY_HOPELESS_EVERY : Math.min(attempt * 400, RETRY_EVERY)).then(function () { look(attempt + 1); });
      });
    })(1);
  }

  /* Blazor asks its first question once, and a start that got no answer ends without an event that a page could hear. So the question is repeated until it is answered. */
  var ask = window.fetch;

  window.fetch = function (address) {
    return address === FIRST_QUESTION ? askUntilAnswered(arguments, 1) : ask.apply(window, arguments);
  };

  function askUntilAnswered(question, attempt) {
    return ask.apply(window, question).catch(function () { return null; }).then(function (answer) {
      // A proxy's own page can say 200 as well.
      if (answer && answer.ok && /json/.test(answer.headers.get('Content-Type'))) return answer;
      return askWhy().then(function (why) {
        var state = why !== 'answers' ? why : answer && answer.status < 500 ? 'stalled' : 'starting';
        showStart(state);
        return pause(state === 'starting' ? Math.min(attempt * 400, RETRY_EVERY) : RETRY_HOPELESS_EVERY);
      }).then(function () {
        return askUntilAnswered(question, attempt + 1);
      });
    });
  }

  function hasFailed() {
    var bar = document.getElementById('blazor-error-ui');
    return bar && bar.style.display === 'block';
  }

  /* Nothing failed, and nothing came: a line that swallows what is sent. */
  setTimeout(function () {
    if (!connected && !hasFailed() && !document.querySelector('#reconnect[open]')) showStart('starting');
  }, SLOW_AFTER);

  setTimeout(function () {
    if ((connected || !connecting) && !restarting && !hasFailed()) showStart('stalled');
  }, STALLED_AFTER);

  document.addEventListener('DOMContentLoaded', function () {
    watchConnection();
    var bar = document.getElementById('blazor-error-ui');
    if (bar) watchFailure(bar);
    if (!window.Blazor) {
      restartWhenThere(document.querySelector('script[autostart]').src);
      return;
    }
    window.Blazor.start({
      circuit: {
        configureSignalR: keepStarting,
        reconnectionOptions: {
          dialogId: 'reconnect',
          maxRetries: undefined,
          retryIntervalMilliseconds: function (attempt) { return attempt < 5 ? attempt * 400 : 4000; }
        }
      }
    });
  });

  /* ---------- Focus and popups ---------- */

  var lastClicked = null;
  var openers = {};

  document.addEventListener('click', function (event) {
    lastClicked = event.target.closest('button, a, input, [tabindex]');
  }, true);

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

  /* After a change of page: its own first field, if it has one, else its heading. */
  function focusPage() {
    if (document.querySelector('main [data-focus]')) return;
    var main = document.querySelector('main');
    if (main && main.contains(document.activeElement)) return;
    if (document.querySelector('main h1')) focusHeading();
    else if (main) main.focus();
  }

  function pressCancel(dialog) {
    var cancel = dialog.querySelector('[data-cancel]');
    if (cancel && !cancel.disabled) cancel.click();
  }

  function openPopup(dialog) {
    if (!dialog || dialog.open) return;
    // Safari leaves the focus on the page when a button is clicked.
    openers[dialog.id] = isFree() ? lastClicked : document.activeElement;
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

  function closePopup(id) {
    var opener = openers[id];
    delete openers[id];
    // The popup is told to close before the render that takes it away.
    var dialog = document.getElementById(id);
    if (dialog && dialog.open) dialog.close();
    if (opener && opener.isConnected && !opener.disabled) opener.focus();
    // "Disable MFA" goes once it was done, in the render that follows: then start again at the page's heading.
    setTimeout(function () {
      if (isFree() && !document.querySelector('dialog[open]')) focusHeading();
    }, 150);
  }

  /* Menus and the drawer are the browser's popovers: they open without the server. */
  document.addEventListener('toggle', function (event) {
    var popover = event.target;
    if (!popover.matches || !popover.matches('[popover]')) return;
    Array.prototype.forEach.call(document.querySelectorAll('[popovertarget="' + popover.id + '"]'), function (opener) {
      opener.setAttribute('aria-expanded', event.newState === 'open' ? 'true' : 'false');
    });
    if (event.newState !== 'open') return;
    var item = popover.querySelector('[role^="menuitem"], a, button');
    if (item) item.focus();
  }, true);

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

  /* A link to a place on the page moves the focus there: the skip link, and the link row of the settings. */
  document.addEventListener('click', function (event) {
    var link = event.target.closest('a.skip');
    if (!link) return;
    event.preventDefault();
    var target = document.getElementById(link.getAttribute('href').split('#')[1]);
    if (target) target.focus();
  });

  /* ---------- Fields ---------- */

  /* Tells the circuit what stands in the fields already; it drops what it knows. */
  function readFields(form) {
    if (!form) return;
    Array.prototype.forEach.call(form.querySelectorAll('input:not([type="checkbox"]):not([type="radio"]), textarea'), function (field) {
      if (field.value !== '') field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    Array.prototype.forEach.call(form.querySelectorAll('input[type="radio"]:checked'), function (choice) {
      choice.dispatchEvent(new Event('change', { bubbles: true }));
    });
  }

  /* ---------- Email templates ---------- */

  /* Merge fields go where the caret is, faults lead to their place: only the browser knows the caret. */
  var lastWritten = null;

  function isTemplatePart(element) {
    return element.matches('.editor input, .editor textarea');
  }

  function insertionPlace(editor) {
    if (lastWritten && editor.contains(lastWritten) && lastWritten.offsetParent !== null) return lastWritten;
    var body = Array.prototype.find.call(editor.querySelectorAll('textarea'), function (area) { return area.offsetParent !== null; });
    body.setSelectionRange(body.value.length, body.value.length);
    return body;
  }

  function insertAtCaret(field, text) {
    field.focus();
    // This way Ctrl+Z takes it back; where a browser does not do it, the text is set.
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

  // A click on a chip leaves the focus, and with it the caret, where it is.
  document.addEventListener('mousedown', function (event) {
    if (event.target.closest('[data-insert]')) event.preventDefault();
  });

  document.addEventListener('click', function (event) {
    var chip = event.target.closest('[data-insert]');
    if (chip) insertAtCaret(insertionPlace(chip.closest('.editor')), chip.dataset.insert);
    var place = event.target.closest('[data-go]');
    if (place) goToPlace(document.getElementById(place.dataset.go), Number(place.dataset.line), Number(place.dataset.column));
  });

  /* ---------- Texts longer than a message to the server ---------- */

  /* A larger message would end the circuit, and everything typed with it. So of a text that is too long only its beginning is told, which is more than any field takes: the
     server says so at the field and refuses to save it, and all of it stays where it was typed. */
  var MOST_TOLD = 20000, MOST_BYTES = 240000;

  function wholeValue(field) {
    return Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').get.call(field);
  }

  /* What is told of it instead; null: all of it is told. */
  function portion(field) {
    var whole = wholeValue(field), most = Number(field.dataset.most) || MOST_TOLD;
    if (whole.length <= most && whole.length * 6 <= MOST_BYTES) return null;
    var told = whole.slice(0, most);
    // What travels as six bytes each. In their place another control character, that no field takes either.
    if (new TextEncoder().encode(JSON.stringify(told)).length > MOST_BYTES)
      told = told.replace(/[\u0000-\u0008\u000b-\u001f]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, function (heavy) { return heavy.length === 2 ? heavy : '\u007f'; });
    return told === whole ? null : told;
  }

  document.addEventListener('input', function (event) {
    var field = event.target;
    if (!field.matches('input:not([type="file"]), textarea')) return;
    var told = portion(field);
    if (told !== null) Object.defineProperty(field, 'value', { configurable: true, get: function () { return told; } });
  }, true);

  // After the framework has read it, which listens at the document.
  window.addEventListener('input', function (event) {
    delete event.target.value;
  });

  /* ---------- Pages translated by the browser ---------- */

  /* The pages ask not to be translated (App.razor), and what translates them all the same takes each text out of the page and puts an element of its own in its place. The
     circuit goes on writing into the text that is gone, and the page would show "Active" after Lock; taking that text away, or putting something before it, would even end
     the circuit. So a text that was taken out goes back, empty, before what stands for it; and when the circuit writes into it, or takes it away, the stand-in goes. */
  var translated = new Map();

  function isStandIn(node) {
    return !!node && (node.nodeName === 'FONT' || node.nodeName.indexOf('-') > 0 || (node.nodeType === Node.TEXT_NODE && node.parentNode !== null && node.parentNode.nodeName === 'TITLE'));
  }

  function standInOf(change) {
    var taken = new Set(Array.from(translated.values(), function (known) { return known.standIn; }));
    return Array.prototype.concat.call(Array.prototype.slice.call(change.addedNodes), [change.previousSibling, change.nextSibling]).find(function (node) {
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

  /* The translator took its own away again: "Show original". */
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

  /* ---------- Clipboard, session, time ---------- */

  function copy(text) {
    if (!navigator.clipboard) return Promise.resolve(copyBySelection(text));
    return navigator.clipboard.writeText(text).then(function () { return true; }, function () { return copyBySelection(text); });
  }

  /* Without TLS there is no clipboard. */
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

  /* ---------- Somebody is there ---------- */

  /* Idle time is the person's, not the page's: what a person does is told to the server, at once and then no more than every few seconds.
     What scripts do, renders and timers, does not count. */
  var TOLD_EVERY = 5000;
  var activityTold = null, lastTold = 0, tellLater = null;

  function tellActivity() {
    tellLater = null;
    lastTold = Date.now();
    try {
      activityTold.invokeMethodAsync('NoteActivityAsync').catch(function () { /* No connection: the next event tells again. */ });
    } catch (gone) { /* Likewise. */ }
  }

  function noteActivity(event) {
    if (!event.isTrusted || !activityTold || tellLater) return;
    var wait = lastTold + TOLD_EVERY - Date.now();
    if (wait <= 0) tellActivity();
    else tellLater = setTimeout(tellActivity, wait);
  }

  function watchActivity(told) {
    activityTold = told;
  }

  ['pointerdown', 'keydown', 'wheel', 'touchmove'].forEach(function (kind) {
    document.addEventListener(kind, noteActivity, { capture: true, passive: true });
  });

  window.portal = {
    browser: browser,
    closePopup: closePopup,
    copy: copy,
    focusHeading: focusHeading,
    focusIfFree: focusIfFree,
    focusPage: focusPage,
    markUp: markUp,
    openPopup: openPopup,
    postSession: postSession,
    readFields: readFields,
    readLinkToken: readLinkToken,
    setTheme: setTheme,
    watchActivity: watchActivity
  };
})();
