/** The calculator answers while one types: the server's own arithmetic, in the cells that the server made. */
import { formatUsdc } from '../../money.ts';
import { TOKEN_CLASSES, type TokenClass, type TokenCounts } from '../../tokens.ts';
import { calculate, parseCount, type Product, type Rates } from '../calculate.ts';
import { priceText } from '../price-text.ts';

export function enliven(form: HTMLFormElement): void {
  form.querySelector('button')?.remove();
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', () => answer(form));
  answer(form);
}

function answer(form: HTMLFormElement): void {
  const selected = form.querySelector<HTMLSelectElement>('select')?.selectedOptions[0];
  if (selected === undefined) return;
  const counts = new Map([...TOKEN_CLASSES, 'webSearch'].map((name) => [name, countIn(form, name)]));
  const bad = [...counts.values()].includes(null);
  const problem = form.querySelector<HTMLElement>('.problem');
  if (problem !== null) problem.hidden = !bad;
  const of = (name: string): number => counts.get(name) ?? 0;
  const tokens = Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, of(tokenClass)])) as unknown as TokenCounts;
  const us = form.querySelector<HTMLInputElement>('input[name=us]')?.checked === true;
  const { products, sum, total, factor } = calculate(ratesOf(selected), { tokens, webSearches: of('webSearch'), us });
  for (const product of products) fillRow(form, product);
  fill(form, '[data-factor]', factor === null ? '' : `(tokens × ${factor})`);
  fill(form, '[data-sum]', sum);
  fill(form, '[data-total]', total.toLocaleString('en-US'));
  fill(form, '[data-usdc]', formatUsdc(total));
}

/** Null: what stands there is no count; it is marked as such. */
function countIn(form: HTMLFormElement, name: string): number | null {
  const input = form.querySelector<HTMLInputElement>(`input[name=${name}]`);
  const count = parseCount(input?.value ?? '');
  if (count === null) input?.setAttribute('aria-invalid', 'true');
  else input?.removeAttribute('aria-invalid');
  return count;
}

function ratesOf({ dataset }: HTMLOptionElement): Rates {
  const prices = (dataset['prices'] ?? '').split(',').map(BigInt);
  const byClass = Object.fromEntries(TOKEN_CLASSES.map((tokenClass, i) => [tokenClass, prices[i] ?? 0n])) as Record<TokenClass, bigint>;
  return { prices: byClass, webSearchPerMillion: BigInt(dataset['search'] ?? '0'), geoPremium: dataset['geo'] === 'yes' };
}

function fillRow(form: HTMLFormElement, { of, count, perMillion, exact }: Product): void {
  const cells = form.querySelectorAll(`[data-row=${of}] td`);
  [count.toLocaleString('en-US'), priceText(perMillion), exact].forEach((text, i) => {
    const cell = cells[i];
    if (cell !== undefined && cell.textContent !== text) cell.textContent = text;
  });
}

function fill(form: HTMLFormElement, selector: string, text: string): void {
  const place = form.querySelector(selector);
  if (place !== null && place.textContent !== text) place.textContent = text;
}
