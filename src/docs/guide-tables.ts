/** Tables of the guide that are made from the program itself, as Markdown, so that they cannot drift from it. */
import { ERRORS, type ErrorCode } from '../errors.ts';
import type { PricedModel } from '../metering/price-card.ts';
import { TOOLS_OVERHEAD_TOKENS } from '../metering/quote.ts';
import { CLASS_WORDS, TOKEN_CLASSES } from '../tokens.ts';
import { ERROR_WORDS } from './error-words.ts';
import type { GuideFacts, OpenRoute } from './guide-facts.ts';
import { priceText } from './price-text.ts';

type Row = readonly string[];

/** A name that somebody chose, as Markdown code that no name can end. */
export const codeSpan = (name: string): string => `\`${name.replace(/[`\p{Cc}]/gu, ' ').replaceAll('|', '\\|')}\``;

/** `align`: one letter per column, `l` or `r`. */
function table(head: Row, align: string, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(Array.from(align, (letter) => (letter === 'r' ? '---:' : '---'))), ...rows.map(line)].join('\n');
}

const tokensText = (tokens: number): string => (tokens % 1_000_000 === 0 ? `${tokens / 1_000_000}M` : tokens % 1000 === 0 ? `${tokens / 1000}k` : String(tokens));

const NO_ROUTES = 'No route of this gateway is open to everybody. The routes that were made for you, with their models and prices, are under [Connect](/console/connect) in your console.';

export function pricesTable({ routes }: GuideFacts): string {
  return routes.length === 0 ? NO_ROUTES : routes.map(routeTable).join('\n\n');
}

function routeTable({ alias, card }: OpenRoute): string {
  const words = TOKEN_CLASSES.map((tokenClass) => CLASS_WORDS[tokenClass]);
  const rows = card.models.map((model) => [codeSpan(model.id), ...TOKEN_CLASSES.map((tokenClass) => priceText(model.prices[tokenClass])), tokensText(model.contextWindow), tokensText(model.maxOutput)]);
  const prices = table(['model', ...words, 'context', 'max output'], 'lrrrrrrr', rows);
  const searches = priceText(card.webSearchPerMillion / 1000n);
  return [`### Route ${codeSpan(alias)}`, prices, `Web search: ${searches} USDC per 1,000 searches.${geoText(card.models)}${aliasText(card.models)}`].join('\n\n');
}

function geoText(models: readonly PricedModel[]): string {
  const premium = models.filter(({ geoPremium }) => geoPremium).map(({ id }) => codeSpan(id));
  return premium.length === 0 ? '' : ` Answers with \`inference_geo: "us"\` cost 1.1 times these prices on ${premium.join(', ')}.`;
}

function aliasText(models: readonly PricedModel[]): string {
  const named = models.filter(({ aliases }) => aliases.length > 0).map(({ id, aliases }) => `${codeSpan(id)} is also ${aliases.map(codeSpan).join(', ')}`);
  return named.length === 0 ? '' : ` Other names: ${named.join('; ')}.`;
}

/** All errors of the gateway's own, by status. */
export function errorsTable(): string {
  const codes = (Object.keys(ERRORS) as ErrorCode[]).toSorted((a, b) => ERRORS[a].status - ERRORS[b].status);
  const rows = codes.map((code) => {
    const { status, type, shouldRetry } = ERRORS[code];
    return [String(status), `\`${code}\`, type \`${type}\``, ERROR_WORDS[code], retryText(status, shouldRetry)];
  });
  return table(['status', 'code', 'when', 'retried'], 'llll', rows);
}

/** The statuses that the official SDKs try again unless `x-should-retry` says otherwise (`shouldRetry` in `@anthropic-ai/sdk` 1.12, client.ts). */
function retryText(status: number, shouldRetry: boolean | null): string {
  return shouldRetry ?? (status === 408 || status === 409 || status === 429 || status >= 500) ? 'yes' : 'no';
}

/** Headers of the gateway's own on answers of the Messages API; a test compares them with what the proxy sends. */
export const RESPONSE_HEADERS: Readonly<Record<string, string>> = {
  'request-id': 'The id for talking about the request. The supplier’s where it gave one, else the gateway’s.',
  'x-ainogap-request-id': 'The gateway’s id of the request, on every answer. Its receipt in the console has this id.',
  'x-ainogap-charge-usd-micros': 'What the request was charged, in micro-USDC. On answers that are not streamed.',
  'x-ainogap-balance-usd-micros': 'What is available after it, in micro-USDC. On answers that are not streamed.',
  'retry-after': 'Seconds to wait before another try.',
  'x-should-retry': '`false` where another try cannot help. The official SDKs obey it.',
};

export const headersTable = (): string => table(['header', 'what it says'], 'll', Object.entries(RESPONSE_HEADERS).map(([name, words]) => [`\`${name}\``, words]));

export function limitsTable(facts: GuideFacts): string {
  return table(['what', 'limit'], 'll', [
    ['request body', facts.requestBody],
    ['request headers', '32 KiB'],
    ['nesting of the JSON body', '64 levels'],
    ['wait for money that your own requests hold', facts.holdWait],
    ['`count_tokens` at once', '64 for each buyer'],
    ['added to a hold for the use of tools', `${TOOLS_OVERHEAD_TOKENS.toLocaleString('en-US')} tokens of input`],
  ]);
}

/** What is refused since it cannot be metered, and the words of the setting `allow` for it. */
const REFUSED: readonly (readonly [string, string | null, string])[] = [
  ['code execution', 'code_execution', 'billed by container time, which no answer reports'],
  ['`container`', 'container', 'keeps files in an account that all buyers share'],
  ['skills', 'skills', 'run in a container'],
  ['`mcp_servers`', 'mcp_servers', 'return any amount of text into the context'],
  ['advisor tools', 'advisor', 'another model, at other prices'],
  ['`fallbacks`', 'fallbacks', 'other models answer, at other prices'],
  ['files by id, container uploads', 'files', 'they belong to an account that all buyers share'],
  ['`speed: "fast"`', null, 'has no price here'],
  ['`billing_policy`', null, 'changes who is billed'],
  ['`thread`', null, 'the history would be kept elsewhere; send the whole conversation'],
];

export function refusedTable({ allowed }: GuideFacts): string {
  const here = new Set(allowed?.split(/[ ,]+/) ?? []);
  return table(['feature', 'why', 'on this gateway'], 'lll', REFUSED.map(([feature, setting, why]) => [feature, why, setting !== null && here.has(setting) ? 'allowed by the operator' : 'refused']));
}
