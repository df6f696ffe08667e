/** Whether a password is strong enough to be set: its length, and how soon it would be guessed. */
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

const LENGTH_MIN = 10;
const LENGTH_MAX = 1000;
/** zxcvbn's "safely unguessable": more than 10^8 guesses. */
const SCORE_MIN = 3;
/** The scoring's time grows faster than the length; nobody's first hundred characters are weak in a way that the rest mends. */
const SCORED_MAX = 100;
const BEYOND_NAMES_MIN = 6;

export interface WeakPassword {
  /** What is wrong with it, in words. */
  readonly reason: string;
  /** What would be better. */
  readonly suggestions: readonly string[];
}

/** Null: strong enough. `related`: words that a guesser would try first, such as the account's name. */
export async function findWeakness(password: string, related: readonly string[]): Promise<WeakPassword | null> {
  const length = Array.from(password).length;
  if (length < LENGTH_MIN) return { reason: `A password needs at least ${LENGTH_MIN} characters; this has ${length}.`, suggestions: ['Take four or more unrelated words.'] };
  if (length > LENGTH_MAX) return { reason: `A password may have at most ${LENGTH_MAX} characters; this has ${length}.`, suggestions: [] };
  if (beyond(password, related) < BEYOND_NAMES_MIN) return { reason: 'This password is little more than a name that everyone knows.', suggestions: ['Take words that have nothing to do with the account.'] };
  const scorer = await loadScorer();
  const { score, feedback } = scorer.check(password.slice(0, SCORED_MAX), wordsOf(related));
  if (score >= SCORE_MIN) return null;
  const why = feedback.warning === null ? '' : ` ${sentence(feedback.warning)}`;
  const suggestions = feedback.suggestions.map(sentence);
  return { reason: `This password would be guessed too soon.${why}`, suggestions: suggestions.length === 0 ? ['Take four or more unrelated words.'] : suggestions };
}

/** How many letters and digits are left without the names. */
function beyond(password: string, related: readonly string[]): number {
  const rest = wordsOf(related).reduce((text, word) => text.replaceAll(word, ''), password.toLowerCase());
  return Array.from(rest.replace(/[^\p{L}\p{N}]/gu, '')).length;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** A name as a whole, and its words: "Acme Ltd" makes "acme" worthless. */
function wordsOf(related: readonly string[]): string[] {
  return [...new Set(related.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]).map((text) => text.toLowerCase()))].filter((text) => text.length > 2);
}

let scorer: Promise<ZxcvbnFactory> | undefined;

/** The dictionaries take some 30 MB and a moment to unpack, so they come with the first password that is set. */
function loadScorer(): Promise<ZxcvbnFactory> {
  return (scorer ??= makeScorer());
}

async function makeScorer(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory: Factory }, common, english] = await Promise.all([import('@zxcvbn-ts/core'), import('@zxcvbn-ts/language-common'), import('@zxcvbn-ts/language-en')]);
  return new Factory({
    translations: english.translations,
    graphs: common.adjacencyGraphs,
    dictionary: { ...common.dictionary, ...english.dictionary },
    maxLength: SCORED_MAX,
  });
}
