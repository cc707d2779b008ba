#!/usr/bin/env bash
# A full-page picture by playwright-core 1.65.1 of Chromium (156 of Debian 12) leaves a sandboxed frame white that lies below the window, although it was
# loaded long ago; once it has been scrolled into view, the next full-page picture shows it. Such a frame is how mails are previewed.
# A good guess: a full-page picture shows what a reader sees who scrolls down.
# Seen: red pixels of a red frame of 300 x 200: 0 in the first full-page picture, about 60,000 in the window after scrolling and in the second full-page one.
# Exit status 0 = as described; anything else = it changed, or a program is missing.
set -euo pipefail
chromium=$(command -v chromium || command -v chromium-headless-shell) && command -v npm > /dev/null || { echo "needs: apt-get install chromium nodejs npm"; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 pngjs@7.0.0
cat > try.js <<'JS'
const { chromium } = require('playwright-core');
const { PNG } = require('pngjs');

const page = `<!doctype html><body style="margin:0"><main style="height:2500px"></main>
<iframe sandbox srcdoc="<body style='background:#f00'>mail" style="display:block;width:300px;height:200px;border:0"></iframe>`;

const reds = picture => {
  const { data } = PNG.sync.read(picture);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] === 255 && data[i + 1] === 0 && data[i + 2] === 0) count++;
  return count;
};

(async () => {
  const browser = await chromium.launch({ executablePath: process.argv[2], args: ['--no-sandbox', '--disable-gpu'] });
  console.log('Chromium', browser.version());
  const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await tab.setContent(page);
  await tab.waitForTimeout(2000);
  const first = reds(await tab.screenshot({ fullPage: true }));
  await tab.locator('iframe').scrollIntoViewIfNeeded();
  await tab.waitForTimeout(1000);
  const window = reds(await tab.screenshot());
  const second = reds(await tab.screenshot({ fullPage: true }));
  console.log({ first, window, second });
  await browser.close();
  process.exit(first === 0 && window > 59000 && second > 59000 ? 0 : 1);
})();
JS
node try.js "$chromium"
