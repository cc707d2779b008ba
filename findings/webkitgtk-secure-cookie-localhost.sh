#!/usr/bin/env bash
# WebKitGTK (2.50.6 of Debian 12) drops Secure cookies on http://localhost.
# A good guess: localhost is a secure context there (window.isSecureContext is true), and Chromium and Firefox keep Secure cookies on it, "__Host-" ones too; so WebKit does.
# Seen: of the cookies plain, secure and __Host-secure only "plain" comes back, while isSecureContext is true.
# Exit status 0 = as described; anything else = it changed, or a program is missing.
set -euo pipefail
command -v WebKitWebDriver Xvfb > /dev/null || { echo "needs: apt-get install webkit2gtk-driver xvfb"; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/try.py" <<'PY'
import glob, http.server, json, os, socket, subprocess, sys, threading, time, urllib.request

def free():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]

seen = []

class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/second":
            seen.append(self.headers.get("Cookie", ""))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        for cookie in ("plain=1; Path=/", "secure=1; Path=/; Secure", "__Host-secure=1; Path=/; Secure"):
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>x</title>")
    def log_message(self, *args):
        pass

site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
threading.Thread(target=site.serve_forever, daemon=True).start()
home = f"http://localhost:{site.server_port}"
driver = free()

def call(method, path, body=None):
    ask = urllib.request.Request(f"http://127.0.0.1:{driver}{path}", method=method, data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(ask, timeout=120))["value"]

screen = subprocess.Popen(["Xvfb", "-displayfd", "1", "-screen", "0", "1200x900x24", "-nolisten", "tcp"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
display = screen.stdout.readline().decode().strip()
engine = subprocess.Popen(["WebKitWebDriver", f"--port={driver}"], env={**os.environ, "DISPLAY": f":{display}"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(200):
        try:
            call("GET", "/status")
            break
        except OSError:
            time.sleep(0.1)
    binary = glob.glob("/usr/lib/*/webkit2gtk-4.1/MiniBrowser")[0]
    made = call("POST", "/session", {"capabilities": {"alwaysMatch": {"browserName": "MiniBrowser", "webkitgtk:browserOptions": {"binary": binary, "args": ["--automation"]}}}})
    session = f"/session/{made['sessionId']}"
    print("WebKitGTK", made["capabilities"]["browserVersion"])
    call("POST", f"{session}/url", {"url": f"{home}/first"})
    call("POST", f"{session}/url", {"url": f"{home}/second"})
    secure = call("POST", f"{session}/execute/sync", {"script": "return isSecureContext", "args": []})
    call("DELETE", session)
    print("isSecureContext:", secure)
    print("cookies that came back:", seen)
    sys.exit(0 if secure is True and seen == ["plain=1"] else 1)
finally:
    engine.kill()
    screen.kill()
PY
/usr/bin/python3 "$work/try.py"
