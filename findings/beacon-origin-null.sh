#!/usr/bin/env bash
# Firefox (153 ESR of Debian 12) sends "Origin: null" with navigator.sendBeacon to the page's own site when the page has Referrer-Policy: no-referrer; Chromium (156) sends the origin.
# A good guess: Origin on a same-origin POST is the page's origin, whatever the referrer policy (a fetch() beside it shows that), so a server may refuse "null" as foreign.
# Seen: beacon "null" with Sec-Fetch-Site "same-origin" in Firefox, the real origin in Chromium; fetch the real origin in both.
# Exit status 0 = as described; anything else = it changed, or a program is missing.
set -euo pipefail
chromium=$(command -v chromium || command -v chromium-headless-shell) && command -v firefox-esr > /dev/null || { echo "needs: apt-get install firefox-esr chromium"; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
firefox-esr --version
"$chromium" --version
cat > "$work/try.py" <<'PY'
import http.server, subprocess, sys, threading, time

work = sys.argv[1]
seen = {}
both = threading.Event()
PAGE = b"<!doctype html><title>x</title><script>navigator.sendBeacon('/beacon', new FormData()); fetch('/fetch', { method: 'POST', body: new FormData() });</script>"

class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(PAGE if self.path == "/page" else b"")
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen[self.path] = (self.headers.get("Origin"), self.headers.get("Sec-Fetch-Site"))
        if len(seen) == 2:
            both.set()
        self.send_response(204)
        self.end_headers()
    def log_message(self, *args):
        pass

site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
threading.Thread(target=site.serve_forever, daemon=True).start()
home = f"http://localhost:{site.server_port}"

def visit(name, command):
    seen.clear()
    both.clear()
    browser = subprocess.Popen(command + [f"{home}/page"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        both.wait(120)
    finally:
        browser.terminate()
        browser.wait(30)
    print(name, dict(sorted(seen.items())))
    return dict(seen)

firefox = visit("Firefox", ["firefox-esr", "--headless", "--no-remote", "--profile", f"{work}/firefox"])
chromium = visit("Chromium", [sys.argv[2], "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", f"--user-data-dir={work}/chromium"])
real = (home, "same-origin")
expected = firefox == {"/beacon": ("null", "same-origin"), "/fetch": real} and chromium == {"/beacon": real, "/fetch": real}
sys.exit(0 if expected else 1)
PY
mkdir -p "$work/firefox"
/usr/bin/python3 "$work/try.py" "$work" "$chromium"
