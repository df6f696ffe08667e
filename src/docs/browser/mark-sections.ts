/** Marks in the list of sections the one that is being read. */
export function markSections(links: Iterable<HTMLAnchorElement>): void {
  const byId = new Map([...links].map((link) => [link.hash.slice(1), link]));
  if (byId.size === 0) return;
  const headings = [...document.querySelectorAll<HTMLElement>('article h2[id]')];
  const mark = (): void => {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 140);
    const current = passed.at(-1)?.id;
    for (const [id, link] of byId) {
      if (id === current) link.setAttribute('aria-current', 'location');
      else link.removeAttribute('aria-current');
    }
  };
  let due = false;
  const soon = (): void => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      mark();
    });
  };
  addEventListener('scroll', soon, { passive: true });
  mark();
}
