/**
 * The calculator as it is served: a form that any browser can send, with the answer to what was asked below it. The
 * script answers at once instead, with the same arithmetic.
 */
import { formatUsdc } from '../money.ts';
import { CLASS_WORDS, TOKEN_CLASSES, type TokenClass, type TokenCounts } from '../tokens.ts';
import { calculate, COUNT_MAX, parseCount, type Calculation, type Product, type Rates, type Used } from './calculate.ts';
import { openModels, type GuideFacts } from './guide-facts.ts';
import { priceText } from './price-text.ts';
import { html, trusted, type Html } from './html.ts';

interface Choice extends Rates {
  /** A model, with its route where there are several. */
  readonly id: string;
}

export interface CalculatorQuery {
  /** The value of a query parameter; undefined: it is absent. */
  readonly value: (name: string) => string | undefined;
}

/** The golden case of the product's documentation: mostly reads, as an agent's later turns are. */
const EXAMPLE: TokenCounts = { input: 50, output: 120, cacheWrite5m: 200, cacheWrite1h: 0, cacheRead: 1500 };

/** Round prices where no route is open to all: nothing of this gateway's is in them. */
const EXAMPLE_CHOICE: Choice = {
  id: 'example prices',
  prices: { input: 4_000_000n, output: 20_000_000n, cacheWrite5m: 5_000_000n, cacheWrite1h: 8_000_000n, cacheRead: 400_000n },
  webSearchPerMillion: 10_000_000_000n,
  geoPremium: true,
};

function choicesOf(facts: GuideFacts): readonly Choice[] {
  const open = openModels(facts);
  if (open.length === 0) return [EXAMPLE_CHOICE];
  const several = facts.routes.length > 1;
  return open.map(({ alias, model: { id, prices, geoPremium }, webSearchPerMillion }) => ({ id: several ? `${alias} / ${id}` : id, prices, geoPremium, webSearchPerMillion }));
}

export function calculatorForm(facts: GuideFacts, { value }: CalculatorQuery): Html {
  const choices = choicesOf(facts);
  const chosen = choices.find(({ id }) => id === value('model')) ?? (choices[0] as Choice);
  const asked = TOKEN_CLASSES.some((tokenClass) => value(tokenClass) !== undefined);
  const typed = (name: string, otherwise: number): string => (asked ? (value(name) ?? '') : String(otherwise)).slice(0, 20);
  const used: Used = {
    tokens: Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, parseCount(typed(tokenClass, EXAMPLE[tokenClass])) ?? 0])) as unknown as TokenCounts,
    webSearches: parseCount(typed('webSearch', 0)) ?? 0,
    us: value('us') === 'on',
  };
  const field = (name: string, words: string, text: string): Html => html`<label class="field"><span class="${classOf(name)}">${words}</span><input name="${name}" inputmode="numeric" autocomplete="off" maxlength="20" value="${text}" aria-describedby="calculator-problem"></label>`;
  return html`<form class="calculator" method="get" action="#calculator" aria-labelledby="calculator">
<label class="field wide"><span>model</span><select name="model">${choices.map((choice) => option(choice, choice === chosen))}</select></label>
${TOKEN_CLASSES.map((tokenClass) => field(tokenClass, CLASS_WORDS[tokenClass], typed(tokenClass, EXAMPLE[tokenClass])))}
${field('webSearch', 'web searches', typed('webSearch', 0))}
<label class="check"><input type="checkbox" name="us"${trusted(used.us ? ' checked' : '')}><span>inference_geo is "us"</span></label>
<button type="submit">Compute</button>
<p class="problem" id="calculator-problem" role="alert" hidden>A count is a whole number from 0 to ${COUNT_MAX.toLocaleString('en-US')}.</p>
${resultOf(calculate(chosen, used))}
${facts.routes.length === 0 ? html`<p class="note">No route of this gateway is open to everybody, so these prices are only an example. Your own are under <a href="/console/connect">Connect</a>.</p>` : null}
</form>`;
}

const classOf = (name: string): string => (TOKEN_CLASSES.includes(name as TokenClass) ? `mark ${name}` : 'plain');

function option({ id, prices, webSearchPerMillion, geoPremium }: Choice, selected: boolean): Html {
  const list = TOKEN_CLASSES.map((tokenClass) => prices[tokenClass].toString()).join();
  return html`<option value="${id}" data-prices="${list}" data-search="${webSearchPerMillion.toString()}" data-geo="${geoPremium ? 'yes' : 'no'}"${trusted(selected ? ' selected' : '')}>${id}</option>`;
}

/** The script fills in the same cells. */
function resultOf({ products, sum, total, factor }: Calculation): Html {
  return html`<div class="table" tabindex="0" role="group" aria-label="What it costs"><table class="result">
<thead><tr><th scope="col">class</th><th scope="col" class="right">count</th><th scope="col" class="right">× USDC per million</th><th scope="col" class="right">= micro-USDC</th></tr></thead>
<tbody>${products.map(row)}</tbody>
<tfoot><tr><th scope="row" colspan="3">sum <span data-factor>${factor === null ? '' : `(tokens × ${factor})`}</span></th><td class="right" data-sum>${sum}</td></tr>
<tr class="total"><th scope="row" colspan="3">charge, rounded up once</th><td class="right"><output data-total>${total.toLocaleString('en-US')}</output></td></tr></tfoot>
</table></div><p class="usdc" aria-live="polite">= <strong data-usdc>${formatUsdc(total)}</strong> USDC</p>`;
}

function row({ of, count, perMillion, exact }: Product): Html {
  const words = of === 'webSearch' ? 'web searches' : CLASS_WORDS[of];
  return html`<tr data-row="${of}"><th scope="row"><span class="${classOf(of)}">${words}</span></th><td class="right">${count.toLocaleString('en-US')}</td><td class="right">${priceText(perMillion)}</td><td class="right">${exact}</td></tr>`;
}
