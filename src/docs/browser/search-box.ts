/** Suggestions while one types; without this the form asks the server, which finds the same. */
import { searchGuide, type SearchEntry, type SearchHit } from '../search.ts';

const SHOWN = 7;

export function suggest(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>('input[name=q]');
  const box = form.querySelector<HTMLElement>('.suggestions');
  if (input === null || box === null) return;
  let entries: Promise<readonly SearchEntry[]> | null = null;
  const hide = (): void => {
    box.hidden = true;
  };
  const show = async (): Promise<void> => {
    const query = input.value;
    if (query.trim() === '') return hide();
    const found = await (entries ??= load());
    if (input.value !== query) return;
    const hits = searchGuide(found, query).slice(0, SHOWN);
    box.replaceChildren(...hits.map(linkTo));
    if (hits.length === 0) box.append(nothing(query));
    box.hidden = false;
  };
  input.addEventListener('input', () => void show());
  input.addEventListener('focus', () => void show());
  form.addEventListener('keydown', (event) => move(event, { form, input, hide }));
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget as Node | null)) hide();
  });
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || (event.target as HTMLElement).closest('input, select, textarea') !== null) return;
    event.preventDefault();
    input.focus();
  });
}

/** Nothing is found while the list cannot be loaded; Enter asks the server all the same. */
async function load(): Promise<readonly SearchEntry[]> {
  const response = await fetch('/docs/search.json');
  return response.ok ? ((await response.json()) as { items: SearchEntry[] }).items : [];
}

function linkTo(hit: SearchHit): HTMLElement {
  const link = document.createElement('a');
  link.href = hit.path;
  const title = document.createElement('strong');
  title.textContent = hit.heading === '' ? hit.page : hit.heading;
  const where = document.createElement('span');
  where.textContent = hit.heading === '' ? hit.excerpt : `${hit.page} · ${hit.excerpt}`;
  link.append(title, where);
  return link;
}

function nothing(query: string): HTMLElement {
  const words = document.createElement('p');
  words.textContent = `Nothing has all words of “${query}”.`;
  return words;
}

interface Box {
  readonly form: HTMLFormElement;
  readonly input: HTMLInputElement;
  readonly hide: () => void;
}

/** Up and down through the suggestions; Escape closes them. */
function move(event: KeyboardEvent, { form, input, hide }: Box): void {
  if (event.key === 'Escape') {
    hide();
    return input.focus();
  }
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const stops: HTMLElement[] = [input, ...form.querySelectorAll<HTMLElement>('.suggestions a')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  const step = event.key === 'ArrowDown' ? 1 : -1;
  event.preventDefault();
  stops[(at + step + stops.length) % stops.length]?.focus();
}
