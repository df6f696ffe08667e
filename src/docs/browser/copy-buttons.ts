const SAID_MS = 1500;

/** Gives each block of code a button that copies it. */
export function addCopyButtons(figures: Iterable<HTMLElement>): void {
  for (const figure of figures) {
    const code = figure.querySelector('code');
    const caption = figure.querySelector('figcaption');
    if (code === null || caption === null) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', `Copy this ${caption.textContent} example`);
    button.addEventListener('click', () => void copy(code.textContent, button));
    caption.append(button);
  }
}

async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  const copied = await write(text);
  button.textContent = copied ? 'Copied' : 'Press Ctrl+C';
  if (!copied) select(button);
  setTimeout(() => (button.textContent = 'Copy'), SAID_MS);
}

/** Browsers have no clipboard for pages on plain HTTP that are not on this machine. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function select(button: HTMLButtonElement): void {
  const code = button.closest('figure')?.querySelector('code');
  if (code) getSelection()?.selectAllChildren(code);
}
