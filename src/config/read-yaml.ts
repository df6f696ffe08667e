/** YAML text → plain values that remember their lines. Bounded, and every mistake of the text at once. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import { firstTooDeep } from './nesting.ts';
import { shown } from './secret-shape.ts';

/** A number as it was written: `0.1` must not become a float before it becomes money. */
export class Numeral {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

export type YamlValue = null | boolean | string | Numeral | YamlValue[] | { [key: string]: YamlValue };
export type YamlPath = readonly (string | number)[];

export interface YamlMistake {
  readonly line: number;
  readonly path: YamlPath;
  readonly message: string;
}

export interface YamlTree {
  readonly value: YamlValue;
  readonly mistakes: readonly YamlMistake[];
  /** The line of the value's key, or of the nearest thing around it. */
  lineOf(path: YamlPath): number;
}

/** Far above any real configuration; aliases count each time they are used, so a few bytes cannot become gigabytes. */
const NODES_MAX = 20_000;
const DEPTH_MAX = 30;

const keyOf = (path: YamlPath): string => JSON.stringify(path);

export function readYaml(text: string): YamlTree {
  // The library recurses: what is too deep for it must not reach it.
  const tooDeep = firstTooDeep(text, DEPTH_MAX);
  if (tooDeep !== null) {
    const line = text.slice(0, tooDeep).split('\n').length;
    return { value: null, mistakes: [{ line, path: [], message: `nested too deeply: more than ${DEPTH_MAX} groups or lists within each other` }], lineOf: () => line };
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false, merge: false, logLevel: 'silent' });
  const reader = new Reader(document, (offset) => counter.linePos(offset).line);
  for (const error of document.errors)
    reader.mistakes.push({ line: counter.linePos(error.pos[0]).line, path: [], message: `not valid YAML: ${withoutSource(error.message)}` });
  const value = document.errors.length === 0 ? reader.read(document.contents, []) : null;
  return { value, mistakes: reader.mistakes, lineOf: (path) => reader.lineOf(path) };
}

/** Parser messages quote the text now and then, and the text may hold a credential. */
function withoutSource(message: string): string {
  const plain = message.replace(/:?\s*(?:"(?:[^"\\]|\\.)*"|`[^`]*`|'[^']*')/g, '').replace(/: \S.*$/s, '');
  return shown(plain).startsWith('(') ? 'something stands where it may not stand' : plain;
}

class Reader {
  readonly mistakes: YamlMistake[] = [];
  readonly #document: Document;
  readonly #lineAt: (offset: number) => number;
  readonly #lines = new Map<string, number>();
  #nodes = 0;

  constructor(document: Document, lineAt: (offset: number) => number) {
    this.#document = document;
    this.#lineAt = lineAt;
  }

  lineOf(path: YamlPath): number {
    for (let length = path.length; length >= 0; length--) {
      const line = this.#lines.get(keyOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }

  read(node: unknown, path: YamlPath): YamlValue {
    if (++this.#nodes > NODES_MAX || path.length > DEPTH_MAX) {
      if (this.#nodes <= NODES_MAX + 1 || path.length > DEPTH_MAX) this.#mistake(path, 'too large or too deeply nested; aliases count each time they are used');
      this.#nodes = NODES_MAX + 1;
      return null;
    }
    if (isAlias(node)) {
      const anchored = node.resolve(this.#document);
      if (!anchored) this.#mistake(path, 'an alias whose anchor is not above it; a text that begins with * needs quotes');
      return anchored ? this.read(anchored, path) : null;
    }
    if (isMap(node)) return this.#readMap(node.items, path);
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        this.#note([...path, index], item);
        return this.#nodes > NODES_MAX ? null : this.read(item, [...path, index]);
      });
    }
    if (!isScalar(node)) return null;
    const { value } = node;
    if (typeof value === 'number' || typeof value === 'bigint') return new Numeral(node.source ?? String(value));
    return typeof value === 'string' || typeof value === 'boolean' ? value : null;
  }

  #readMap(pairs: readonly Pair[], path: YamlPath): YamlValue {
    const map: { [key: string]: YamlValue } = {};
    for (const pair of pairs) {
      if (this.#nodes > NODES_MAX) break;
      if (!isScalar(pair.key)) {
        this.#mistake(path, 'a key must be a plain word');
        continue;
      }
      const key = String(pair.key.value);
      const here = [...path, key];
      if (Object.hasOwn(map, key)) {
        const line = this.#offsetLine(pair.key) ?? this.lineOf(here);
        this.mistakes.push({ line, path: here, message: `given twice; the first is on line ${this.lineOf(here)}` });
        continue;
      }
      this.#note(here, pair.key);
      Object.defineProperty(map, key, { value: this.read(pair.value, here), enumerable: true, configurable: true, writable: true });
    }
    return map;
  }

  #offsetLine(node: unknown): number | undefined {
    const range = (node as Node | null)?.range;
    return range ? this.#lineAt(range[0]) : undefined;
  }

  #note(path: YamlPath, node: unknown): void {
    const line = this.#offsetLine(node);
    if (line !== undefined) this.#lines.set(keyOf(path), line);
  }

  #mistake(path: YamlPath, message: string): void {
    this.mistakes.push({ line: this.lineOf(path), path, message });
  }
}
