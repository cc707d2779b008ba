/* Starts the circuit, watches for its loss, and explains both in the dialog beside this file. A plain script, not a module: the build puts it
   behind head.js, so that the first page asks for one file and it runs before Blazor starts. */
(function (portal) {
  'use strict';

  if (!portal) return;

  var root = document.documentElement;
  var loadedAt = Date.now();

  root.setAttribute('data-scripted', '');

  /* ---------- The circuit: up, lost, gone ---------- */

  var wasUp = false;

  /* Blazor's word for the loss, 'gone' once the server has forgotten the page; null while the connection stands. */
  var lostState = null;

  function markUp() {
    if (!wasUp) endStart();
    wasUp = true;
    root.setAttribute('data-circuit', 'up');
  }

  function markDown() {
    root.removeAttribute('data-circuit');
  }

  function isLost() {
    return wasUp && lostState !== null;
  }

  var touched = new WeakSet();

  document.addEventListener('input', function (event) {
    // Only what a person typed, not what readFields reports.
    if (event.isTrusted) touched.add(event.target);
  });

  /* Passwords, codes and names are typed again in a moment, and are kept nowhere; what is searched for is in the address. */
  function isPassing(field) {
    return /^(password|search|checkbox|radio)$/.test(field.type) || /password|one-time-code|username/.test(field.autocomplete);
  }

  /* Whether a reload would lose text. What Shell/DraftKeeper.razor.js keeps comes back after it. */
  function wouldLoseText() {
    return Array.prototype.some.call(document.querySelectorAll('input, textarea'), function (field) {
      return touched.has(field) && field.value !== '' && !isPassing(field) && !(portal.isKept && portal.isKept(field));
    });
  }

  /* ---------- Leaving for a page that is loaded again ---------- */

  var leaving = false;

  // Registered before Blazor's own listener, which would ask whether the page is to be left.
  window.addEventListener('beforeunload', function (event) {
    if (leaving) event.stopImmediatePropagation();
  }, true);

  function reload() {
    if (leaving) return;
    leaving = true;
    location.reload();
  }

  /* Only once the portal answers: in place of a proxy's page about its absence nothing would try again. */
  function reloadWhenThere(attempt) {
    if (leaving) return;
    askWhy().then(function (why) {
      if (why === 'answers') {
        // Somebody may have typed on while the portal was asked.
        if (wouldLoseText()) showLost(document.getElementById('reconnect'), 'rejected');
        else reload();
        return;
      }
      showLost(document.getElementById('reconnect'), why === 'starting' ? 'retrying' : why);
      pause(why === 'starting' ? Math.min(attempt * 400, RETRY_EVERY) : RETRY_HOPELESS_EVERY).then(function () { reloadWhenThere(attempt + 1); });
    });
  }

  /* ---------- While the connection is lost ---------- */

  /* The page can be read and typed into. What only the server can answer is held back, so that nobody believes it was done. */
  function holdBack(event) {
    var target = event.target;
    if (!isLost() || !target.closest || target.closest('#reconnect, #blazor-error-ui')) return;
    if (event.type === 'click' && !target.closest('button:not([popovertarget]), a[href]:not([target])')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    var tryNow = document.querySelector('#reconnect [data-reconnect="retry"]');
    if (event.type === 'click' && tryNow) tryNow.focus();
  }

  window.addEventListener('click', holdBack, true);
  window.addEventListener('submit', holdBack, true);

  var chosenMeanwhile = new Set();

  document.addEventListener('change', function (event) {
    if (isLost() && event.target.matches('select, input[type="checkbox"]')) chosenMeanwhile.add(event.target);
  }, true);

  /* What was typed and chosen while the connection was lost never arrived. */
  function catchUp() {
    Array.prototype.forEach.call(document.forms, portal.readFields);
    chosenMeanwhile.forEach(function (field) { field.dispatchEvent(new Event('change', { bubbles: true })); });
    chosenMeanwhile.clear();
  }

  function reconnectNow() {
    Promise.resolve(window.Blazor.reconnect()).then(function (same) {
      if (same === false) gone();
    }, function () { /* Still no connection: the retries go on. */ });
  }

  /* The server no longer knows this page: it was away for long, or it was started anew. The page is loaded again by itself, unless text would be lost
     that is kept nowhere; then the person decides when. */
  function gone() {
    lostState = 'gone';
    if (!wouldLoseText()) {
      reloadWhenThere(1);
      return;
    }
    showLost(document.getElementById('reconnect'), 'rejected');
  }

  function watchConnection() {
    var dialog = document.getElementById('reconnect');
    if (!dialog || dialog.watched) return;
    dialog.watched = true;
    dialog.addEventListener('components-reconnect-state-changed', function (event) {
      var state = event.detail.state;
      // Broken before it was up: there is nothing to reconnect to.
      if (!wasUp) {
        if (state !== 'hide') restartWhenThere('/' + FIRST_QUESTION);
        return;
      }
      if (state === 'hide') {
        lostState = null;
        elsewhere = false;
        if (dialog.open) dialog.close();
        markUp();
        catchUp();
        return;
      }
      markDown();
      if (lostState === 'gone') return;
      if (state === 'rejected') {
        gone();
        return;
      }
      lostState = state;
      showLost(dialog, elsewhere ? 'address' : state);
      lookElsewhere(dialog);
    });
    dialog.addEventListener('cancel', function (event) { event.preventDefault(); });
    dialog.addEventListener('click', function (event) {
      var button = event.target.closest('[data-reconnect]');
      if (!button) return;
      if (button.getAttribute('data-reconnect') === 'reload') {
        reload();
        return;
      }
      if (!wasUp || lostState === 'gone') {
        tryNow();
        return;
      }
      reconnectNow();
    });
  }

  function showLost(dialog, state) {
    dialog.setAttribute('data-state', state);
    // Beside the page, which can be typed into and copied from, unless a popup has already made the page inert.
    var aside = !document.querySelector('dialog:modal:not(#reconnect)');
    dialog.setAttribute('aria-modal', String(!aside));
    if (dialog.open && dialog.matches(':modal') === !aside) return;
    if (dialog.open) dialog.close();
    // By its attribute: show() would take the focus out of the field that somebody is typing into.
    if (aside) dialog.setAttribute('open', '');
    else dialog.showModal();
  }

  /* While an established connection is lost, Blazor retries for ever, even if the portal has another address by now. So the script asks for it. */
  var LOOK_EVERY = 5000;
  var looking = false, elsewhere = false;

  function lookElsewhere(dialog) {
    if (looking) return;
    looking = true;
    elsewhere = false;
    (function look() {
      askWhy().then(function (why) {
        elsewhere = why === 'address';
        if (lostState && lostState !== 'gone') showLost(dialog, elsewhere ? 'address' : lostState);
        return new Promise(function (done) { setTimeout(done, LOOK_EVERY); });
      }).then(function () {
        if (lostState && lostState !== 'gone' && dialog.open) look();
        else looking = false;
      });
    })();
  }

  function watchFailure(bar) {
    new MutationObserver(function () {
      if (bar.style.display === 'block') markDown();
    }).observe(bar, { attributes: true, attributeFilter: ['style'] });
    bar.addEventListener('click', function (event) {
      if (event.target.closest('button')) reload();
    });
  }

  /* ---------- The start of the circuit ---------- */

  /* Blazor tries to connect only once, and a page that fails stays dead. So the first connection is retried until it is up, and the dialog says what
     is wrong. Nothing is typed before: every form is prerendered disabled. */
  var RETRY_EVERY = 4000, RETRY_HOPELESS_EVERY = 10000;
  var SLOW_AFTER = 10000, STALLED_AFTER = 30000;
  /* The server accepts what it prerendered for five minutes. */
  var STALE_AFTER = 240000;

  /* The address of Blazor's first request, as Blazor writes it. */
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

  /* A laptop woke up, or its network is back: nobody waits for the next attempt. A tab that is shown again Blazor notices itself. */
  window.addEventListener('online', function () {
    tryNow();
    if (isLost() && lostState !== 'gone') reconnectNow();
  });

  /* Accepts only web addresses, whatever the answer holds. */
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
    // Joined as text, not resolved: a path that begins with two slashes would name another host.
    link.href = new URL(publicAddress).origin + location.pathname + location.search;
    return true;
  }

  /* Asks what the portal says to the first step of a connection. */
  function askWhy() {
    return ask('/_blazor/negotiate?negotiateVersion=1', { method: 'POST', credentials: 'same-origin', cache: 'no-store' }).then(function (answer) {
      if (answer.ok) return 'answers';
      // 403: the origin is refused; 400: the host name.
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
      return new Promise(function () { /* The page is reloaded. */ });
    }, function () {
      return askWhy().then(function (why) {
        answered = why === 'answers' ? answered + 1 : 0;
        // Answered once: the portal may just have come back. Answered again: only the socket is blocked.
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
      // Blazor itself retries a connection that was up.
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

  /* Before there is a connection to try: a script or an answer is missing. Only a reload brings it, once it is there. A reload that did not help is
     not repeated. */
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
      var asked = fetch(address, { credentials: 'same-origin', cache: 'no-store' });
      asked.then(function (answer) { return answer.status; }, function () { return 0; }).then(function (status) {
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

  /* Blazor sends its first request only once, and a start without an answer ends without an event. So it is repeated until it is answered. */
  var ask = window.fetch;

  window.fetch = function (address) {
    return address === FIRST_QUESTION ? askUntilAnswered(arguments, 1) : ask.apply(window, arguments);
  };

  function askUntilAnswered(question, attempt) {
    return ask.apply(window, question).catch(function () { return null; }).then(function (answer) {
      // A proxy's own page can have status 200 as well.
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

  /* Nothing failed and nothing came: the network swallows what is sent. */
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

  portal.markUp = markUp;
})(window.portal);
