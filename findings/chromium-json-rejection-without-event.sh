#!/usr/bin/env bash
# Chromium (156 of Debian 12) fires no "unhandledrejection" for response.json() that fails on a body that is no JSON, although its console says "Uncaught (in promise) SyntaxError".
# A good guess: every promise that is rejected and handled by nobody fires the event at the window; for JSON.parse() of the same text it does.
# Seen: one event (parse) in Chromium, two (json, parse) in Firefox ESR 153.
# Exit status 0 = as described; anything else = it changed, or a program is missing.
set -euo pipefail
chromium=$(command -v chromium || command -v chromium-headless-shell) && command -v firefox-esr > /dev/null || { echo "needs: apt-get install firefox-esr chromium"; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
firefox-esr --version
"$chromium" --version
cat > "$work/try.py" <<'PY'
import http.server, json, subprocess, sys, threading

work = sys.argv[1]
told = []
arrived = threading.Event()
PAGE = b"""<!doctype html><title>x</title><script>
const seen = [];
addEventListener('unhandledrejection', event => seen.push(event.reason.name));
const ask = async how => how(await fetch('/page-of-a-proxy'));
ask(answer => answer.json());
ask(async answer => JSON.parse(await answer.text()));
setTimeout(() => fetch('/seen', { method: 'POST', body: JSON.stringify(seen) }), 2000);
</script>"""

class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE if self.path == "/page" else b"<h1>Bad Gateway</h1>")
    def do_POST(self):
        told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()
        arrived.set()
    def log_message(self, *args):
        pass

site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
threading.Thread(target=site.serve_forever, daemon=True).start()

def visit(name, command):
    told.clear()
    arrived.clear()
    browser = subprocess.Popen(command + [f"http://localhost:{site.server_port}/page"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        arrived.wait(120)
    finally:
        browser.terminate()
        browser.wait(30)
    print(name, told)
    return told[0] if told else None

firefox = visit("Firefox", ["firefox-esr", "--headless", "--no-remote", "--profile", f"{work}/firefox"])
chromium = visit("Chromium", [sys.argv[2], "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", f"--user-data-dir={work}/chromium"])
sys.exit(0 if (firefox, chromium) == (["SyntaxError", "SyntaxError"], ["SyntaxError"]) else 1)
PY
mkdir -p "$work/firefox"
/usr/bin/python3 "$work/try.py" "$work" "$chromium"
