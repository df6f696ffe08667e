import { isDigit } from './digit-bytes.ts';
import { MalformedJson } from './json-limits.ts';

/** The position after the number whose first digit (a minus sign is behind it) is at `start`. RFC 8259, section 6. */
export function endOfNumber(buffer: Buffer, start: number): number {
  if (buffer[start] === 0x30 && isDigit(buffer[start + 1])) throw new MalformedJson('a number with a leading zero', start);
  let pos = endOfDigits(buffer, start);
  if (buffer[pos] === 0x2e) pos = endOfDigits(buffer, pos + 1);
  if (buffer[pos] === 0x65 || buffer[pos] === 0x45) {
    pos++;
    if (buffer[pos] === 0x2b || buffer[pos] === 0x2d) pos++;
    pos = endOfDigits(buffer, pos);
  }
  return pos;
}

function endOfDigits(buffer: Buffer, start: number): number {
  let pos = start;
  while (isDigit(buffer[pos])) pos++;
  if (pos === start) throw new MalformedJson('a number without digits where they are needed', pos);
  return pos;
}
