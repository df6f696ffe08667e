/** Puts into a page's Markdown what belongs to this gateway: `{{word}}` within text and code, `{{table}}` on a line of its own. */
import type { GuideFacts } from './guide-facts.ts';
import { errorsTable, headersTable, limitsTable, pricesTable, refusedTable } from './guide-tables.ts';

type Filling = (facts: GuideFacts) => string;

const FILLINGS: Readonly<Record<string, Filling>> = {
  baseUrl: (facts) => facts.baseUrl,
  consoleUrl: (facts) => facts.consoleUrl,
  alias: (facts) => facts.alias,
  model: (facts) => facts.model,
  agentModel: (facts) => facts.agentModel,
  timezone: (facts) => facts.timezone,
  requestBody: (facts) => facts.requestBody,
  holdWait: (facts) => facts.holdWait,
  drain: (facts) => facts.drain,
  aliasNote: (facts) =>
    facts.routes.length > 0
      ? `Routes of this gateway that are open to everybody: ${facts.routes.map(({ alias }) => `\`${alias}\``).join(', ')}. Routes made for you alone are under [Connect](/console/connect) in your console.`
      : `In the examples, \`${facts.alias}\` stands for the alias of your route: you find it under [Connect](/console/connect) in your console.`,
  prices: pricesTable,
  errors: errorsTable,
  headers: headersTable,
  limits: limitsTable,
  refused: refusedTable,
};

/** Stays in the Markdown, and becomes the calculator on the page. */
export const CALCULATOR = '{{calculator}}';

/** Throws on a word that nobody fills in. */
export function fillIn(markdown: string, facts: GuideFacts): string {
  return markdown.replace(/\{\{(\w+)\}\}/g, (whole, word: string) => {
    if (whole === CALCULATOR) return whole;
    const filling = Object.hasOwn(FILLINGS, word) ? FILLINGS[word] : undefined;
    if (filling === undefined) throw new Error(`the guide asks for ${whole}, which nothing fills in`);
    return filling(facts);
  });
}

/** A page as programs read it: plain Markdown, without what only browsers show. */
export const forPrograms = (markdown: string): string => markdown.replaceAll(`${CALCULATOR}\n\n`, '');
