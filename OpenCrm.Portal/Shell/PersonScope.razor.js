/* The company's colour was changed after the page was loaded. Empty for the portal's own. */
export function setAccent(css) {
  let style = document.getElementById('brand');
  if (!style) {
    style = document.createElement('style');
    style.id = 'brand';
    document.head.append(style);
  }
  style.textContent = css;
}

/* The language of this page, and what its cookie remembers for the next one: the person's choice, or nothing. */
export async function setLanguage(language, choice) {
  const root = document.documentElement, prefix = root.getAttribute('data-cookie-prefix');
  document.cookie = `${prefix}language=${choice || ''}; path=/; max-age=${choice ? 31536000 : 0}; samesite=lax${prefix ? '; secure' : ''}`;
  if (root.lang === language) return;
  root.lang = language;
  try {
    await translateOutside();
  } catch (gone) { /* Without a connection these texts stay as they are, until the next page load. */ }
}

/* The dialog about the circuit's loss is part of the page and not of the circuit: its texts come from a page that is drawn now. */
async function translateOutside() {
  const answer = await fetch('help/mfa', { credentials: 'same-origin', cache: 'no-store' });
  const drawn = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const id of ['reconnect', 'blazor-error-ui']) copyTexts(drawn.getElementById(id), document.getElementById(id));
}

/* Text by text, because the script of the dialog holds on to its elements. */
function copyTexts(from, to) {
  if (!from || !to || from.childNodes.length !== to.childNodes.length) return;
  from.childNodes.forEach((node, at) => {
    if (node.nodeType !== Node.TEXT_NODE) copyTexts(node, to.childNodes[at]);
    else if (node.data.trim()) to.childNodes[at].data = node.data;
  });
}
