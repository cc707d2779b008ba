/* Marks the link of the block that is being read, and scrolls to the block that the address names once it is rendered. */
let watch = null;

export function start(links) {
  // The page was left before the call arrived.
  if (!links) return;
  const anchors = Array.from(links.querySelectorAll('a'));
  const blockOf = (anchor) => document.getElementById(anchor.hash.slice(1));
  let chosen = null;

  const mark = () => {
    const line = links.getBoundingClientRect().bottom + 24;
    const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    let current = anchors[0];
    for (const anchor of anchors) {
      const block = blockOf(anchor);
      if (block && block.getBoundingClientRect().top <= line) current = anchor;
    }
    // A short last block cannot reach the top of the window. The block that was jumped to counts as current until the person scrolls away from it.
    if (chosen && (atEnd || chosen === current)) current = chosen;
    for (const anchor of anchors) {
      if (anchor === current) anchor.setAttribute('aria-current', 'true');
      else anchor.removeAttribute('aria-current');
    }
  };
  const jump = () => {
    chosen = anchors.find((anchor) => anchor.hash === location.hash) || null;
    mark();
  };
  const choose = (event) => {
    const anchor = event.target.closest('a');
    if (!anchor) return;
    chosen = anchor;
    // Runs after the jump itself, which Blazor does in its own handler of this click.
    requestAnimationFrame(mark);
  };
  const forget = () => { chosen = null; };

  stop();
  links.addEventListener('click', choose);
  window.addEventListener('scroll', mark, { passive: true });
  window.addEventListener('wheel', forget, { passive: true });
  window.addEventListener('touchmove', forget, { passive: true });
  window.addEventListener('hashchange', jump);
  watch = () => {
    links.removeEventListener('click', choose);
    window.removeEventListener('scroll', mark);
    window.removeEventListener('wheel', forget);
    window.removeEventListener('touchmove', forget);
    window.removeEventListener('hashchange', jump);
  };

  jump();
  if (chosen) blockOf(chosen)?.scrollIntoView();
}

export function stop() {
  if (watch) watch();
  watch = null;
}
