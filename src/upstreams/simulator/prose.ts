/** Text of an exact number of tokens that says something about its request. Equal requests give equal text. */
import * as crypto from 'node:crypto';
import { BYTES_PER_TOKEN } from './token-estimate.ts';

const SENTENCES = [
  'This answer comes from the simulator, so no model has read the question.',
  'Its tokens are counted, priced and debited like those of a real answer.',
  'The five classes are input, output, two kinds of cache write, and cache read.',
  'A prompt that begins like an earlier one is partly read from the cache.',
  'Each class has a price of its own on the price card of the route.',
  'The charge is a sum of whole numbers and is rounded up only once.',
  'Before a request goes upstream, its worst case is held on the balance.',
  'When the answer ends, the hold is released and the exact charge is posted.',
  'A receipt shows the count, the price and the product for each class.',
  'If you ask again within five minutes, you may see cache reads on it.',
  'A longer answer costs more, because output is the dearest class.',
  'You can set the length of this answer with the knobs of the simulator.',
];

/** Exactly `tokens` × 4 bytes (less up to 3 if a character of `opening` is cut). `natural` ends after a whole word. */
export function prose(opening: string, tokens: number, natural: boolean): string {
  const bytes = Math.max(0, Math.floor(tokens)) * BYTES_PER_TOKEN;
  let index = crypto.hash('sha256', opening, 'buffer')[0] ?? 0;
  let text = opening;
  let size = Buffer.byteLength(opening);
  while (size < bytes) {
    const sentence = ` ${SENTENCES[index++ % SENTENCES.length]}`;
    text += sentence;
    size += sentence.length;
  }
  const cut = cutToBytes(text, bytes);
  return natural ? endedByDots(cut) : cut;
}

/** Breaks a half sentence off after its last whole word, with dots for the bytes that are left. */
function endedByDots(text: string): string {
  const end = /[\w,]$/.test(text) ? text.lastIndexOf(' ') : text.trimEnd().length;
  return end <= 0 ? text : text.slice(0, end) + '.'.repeat(Buffer.byteLength(text.slice(end)));
}

/** The longest beginning of `text` that has at most `bytes` bytes and splits no character. */
export function cutToBytes(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  if (buffer.length <= bytes) return text;
  let end = bytes;
  while (end > 0 && ((buffer[end] ?? 0) & 0xc0) === 0x80) end--;
  return buffer.toString('utf8', 0, end);
}

/** The beginning of a text on one line, for quoting. */
export function excerpt(text: string, characters: number): string {
  const line = text.replace(/\[\[[\s\S]*?\]\]/g, '').replace(/\s+/g, ' ').trim();
  return line.length <= characters ? line : `${line.slice(0, characters).replace(/[\ud800-\udbff]$/, '')}…`;
}
