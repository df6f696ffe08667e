/** A statement as one page to print or to send: it loads nothing, runs nothing, and quotes every text. */
import { formatUsdc, type MicroUsdc } from '../money.ts';
import { TOKEN_CLASSES, type TokenClass } from '../tokens.ts';
import { STATEMENT_STYLE } from './statement-style.ts';
import type { StatementHead } from './statement-json.ts';
import { debitedOf, type Statement, type StatementDay, type StatementFunding } from './statement.ts';
import type { UsageSums } from './usage-sums.ts';
import { dayName, offsetAt } from './zone.ts';

const CLASSES: Readonly<Record<TokenClass, { readonly mark: string; readonly name: string }>> = {
  input: { mark: 'I', name: 'input' },
  output: { mark: 'O', name: 'output' },
  cacheWrite5m: { mark: '5', name: 'cache write 5m' },
  cacheWrite1h: { mark: 'H', name: 'cache write 1h' },
  cacheRead: { mark: 'R', name: 'cache read' },
};

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Texts of others may run from right to left, so each is set apart from its surroundings. */
const quoted = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
const apart = (text: string): string => `<bdi>${quoted(text)}</bdi>`;

const usdc = (amount: bigint): string => formatUsdc(amount, 6, true);
const signed = (amount: MicroUsdc): string => (amount > 0n ? `+${usdc(amount)}` : usdc(amount));

/** What a narrow screen must not break: times, days and ids. */
const whole = (text: string): string => `<span class="whole">${text}</span>`;

type Cell = string | { readonly figure: string };
const figure = (text: string): Cell => ({ figure: text });
const count = (value: number): Cell => figure(value.toLocaleString('en-US'));

function row(cells: readonly Cell[], tag: 'td' | 'th' = 'td'): string {
  const open = tag === 'th' ? 'th scope="col"' : tag;
  return `<tr>${cells.map((cell) => (typeof cell === 'string' ? `<${open}>${cell}</${tag}>` : `<${open} class="n">${cell.figure}</${tag}>`)).join('')}</tr>`;
}

interface Table {
  readonly caption: string;
  readonly head: readonly Cell[];
  readonly body: readonly (readonly Cell[])[];
  readonly foot?: readonly Cell[];
}

function table({ caption, head, body, foot }: Table): string {
  const end = foot === undefined ? '' : `<tfoot>${row(foot)}</tfoot>`;
  return `<table><caption>${caption}</caption><thead>${row(head, 'th')}</thead><tbody>${body.map((cells) => row(cells)).join('\n')}</tbody>${end}</table>`;
}

const mark = (tokenClass: TokenClass): string => `<span class="mark ${tokenClass}">${CLASSES[tokenClass].mark}</span>`;

/** The whole document, UTF-8, in English. */
export function statementHtml(head: StatementHead, statement: Statement): string {
  const { timezone, start, end, asOf } = head;
  const running = asOf < end;
  const title = quoted(`Statement ${head.month}: ${head.buyerName}`);
  const period = `${dayName(start, timezone)} to ${dayName(running ? asOf : end - 1, timezone)}, days of ${quoted(timezone)}`;
  const parts = [summaryTable(statement), fundingTable(statement.fundings, timezone), classTable(statement.total), dayTable(statement)];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STATEMENT_STYLE}</style>
</head>
<body>
<header>
<h1>Statement ${quoted(head.month)}</h1>
<p class="buyer">${apart(head.buyerName)}</p>
<p>${period}${running ? `. <strong>So far: as of ${clock(asOf, timezone)}.</strong>` : ''} All amounts are in USDC.</p>
</header>
<main>
${parts.filter((part) => part !== '').join('\n')}
</main>
<footer><p>Charges are dated by the time at which they were settled. The closing balance is computed from these rows and agrees with the ledger.</p></footer>
</body>
</html>
`;
}

const clock = (ms: number, timezone: string): string => new Date(ms + offsetAt(ms, timezone)).toISOString().slice(0, 16).replace('T', ' ');

function summaryTable({ opening, topUps, adjustments, total, closing }: Statement): string {
  const body: Cell[][] = [
    ['Opening balance', figure(usdc(opening))],
    ['Top-ups', figure(signed(topUps))],
    ['Adjustments', figure(signed(adjustments))],
    ['Charges', figure(usdc(0n - total.charge))],
  ];
  if (total.shortfall !== 0n) body.push(['Charges that the balance did not cover (not debited)', figure(signed(total.shortfall))]);
  return table({ caption: 'Balance', head: ['', figure('USDC')], body, foot: ['Closing balance', figure(usdc(closing))] });
}

function fundingTable(fundings: readonly StatementFunding[], timezone: string): string {
  if (fundings.length === 0) return '';
  const body = fundings.map(({ at, kind, amount, reference, reason, transferId }): Cell[] => [
    whole(clock(at, timezone)),
    whole(kind === 'topup' ? 'Top-up' : 'Adjustment'),
    `<div class="said">${[reason, reference].filter((text) => text !== null).map(apart).join(' · ')}</div>`,
    whole(`#${transferId}`),
    figure(signed(amount)),
  ]);
  return table({ caption: 'Top-ups and adjustments', head: ['Time', 'What', 'Reference or reason', 'Ledger', figure('USDC')], body });
}

function classTable(total: UsageSums): string {
  if (total.requests === 0) return '';
  const body = TOKEN_CLASSES.map((tokenClass): Cell[] => [
    `${mark(tokenClass)} ${CLASSES[tokenClass].name}`,
    count(total.tokens[tokenClass]),
    figure(usdc(total.chargeByClass[tokenClass])),
  ]);
  if (total.webSearchCharge !== 0n) body.push(['<span class="mark search">W</span> web search', '', figure(usdc(total.webSearchCharge))]);
  return bar(total, total.charge) + table({ caption: 'Charges by class', head: ['Class', figure('Tokens'), figure('USDC')], body, foot: ['Total', '', figure(usdc(total.charge))] });
}

/** Widths are shares of the highest day in hundredths of a percent, so no amount needs to fit a number. */
function bar(sums: UsageSums, whole: MicroUsdc): string {
  if (whole <= 0n) return '';
  const width = (amount: bigint): string => (Number((amount * 10_000n) / whole) / 100).toFixed(2);
  const parts = [...TOKEN_CLASSES.map((tokenClass) => [tokenClass, sums.chargeByClass[tokenClass]] as const), ['search', sums.webSearchCharge] as const];
  const drawn = parts.filter(([, amount]) => amount > 0n).map(([name, amount]) => `<span class="${name}" style="width:${width(amount)}%"></span>`);
  return `<div class="bar" aria-hidden="true">${drawn.join('')}</div>`;
}

function dayTable({ days, total }: Statement): string {
  if (days.length === 0) return '<p>No requests ended in this month.</p>';
  const highest = days.reduce((most, { sums }) => (sums.charge > most ? sums.charge : most), 0n) as MicroUsdc;
  const extra = { search: total.webSearchCharge !== 0n, shortfall: total.shortfall !== 0n };
  const figures = (sums: UsageSums): Cell[] => [
    count(sums.requests),
    ...TOKEN_CLASSES.map((tokenClass) => figure(usdc(sums.chargeByClass[tokenClass]))),
    ...(extra.search ? [figure(usdc(sums.webSearchCharge))] : []),
    ...(extra.shortfall ? [figure(usdc(0n - sums.shortfall))] : []),
    figure(usdc(debitedOf(sums))),
  ];
  const head: Cell[] = [
    'Day',
    '',
    figure('Requests'),
    ...TOKEN_CLASSES.map((tokenClass) => figure(`${mark(tokenClass)} <span class="word">${CLASSES[tokenClass].name}</span>`)),
    ...(extra.search ? [figure('Web search')] : []),
    ...(extra.shortfall ? [figure('Not covered')] : []),
    figure('Debited'),
  ];
  const body = days.map(({ day, sums }: StatementDay): Cell[] => [whole(day), bar(sums, highest), ...figures(sums)]);
  return table({ caption: 'Charges by day', head, body, foot: ['Total', '', ...figures(total)] });
}
