/** Reads the Prometheus text format 0.0.4 and refuses whatever a strict reader would: the tests' own, written from its description. */

export interface SeenSample {
  /** With the suffix of a histogram's or summary's series. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As it was written: money is beyond what a double holds. */
  readonly text: string;
  readonly value: number;
}

export interface SeenFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: SeenSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const TYPES = ['counter', 'gauge', 'histogram', 'summary'];

/** Throws for what is not in the format, and for names and values that break the conventions of Prometheus. */
export function readPrometheusText(text: string): Map<string, SeenFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, SeenFamily>();
  let current = '';
  let help: string | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment) {
      const [, word, name = '', rest = ''] = comment;
      if (word === 'HELP') {
        if (families.has(name)) throw new Error(`${name} comes twice`);
        [current, help] = [name, unescaped(rest, false)];
        continue;
      }
      if (name !== current || help === null || !NAME.test(name) || !TYPES.includes(rest)) throw new Error(`not expected here: ${line}`);
      families.set(name, { type: rest, help, samples: [] });
      help = null;
      continue;
    }
    const family = families.get(current);
    if (!family || help !== null) throw new Error(`a sample before its HELP and TYPE: ${line}`);
    family.samples.push(readSample(line));
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

function readSample(line: string): SeenSample {
  const [, name = '', , inside = '', text = ''] = /^([^\s{]+)(\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (!NAME.test(name) || !/^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/.test(text)) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  let rest = inside;
  while (rest !== '') {
    const [whole, label = '', value = ''] = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/.exec(rest) ?? [''];
    if (whole === '' || label in labels) throw new Error(`no labels: ${line}`);
    labels[label] = unescaped(value, true);
    rest = rest.slice(whole.length);
  }
  return { name, labels, text, value: Number(text.replace('Inf', 'Infinity')) };
}

function unescaped(text: string, quotes: boolean): string {
  return text.replace(/\\(.)/g, (all, letter: string) => {
    if (letter === 'n') return '\n';
    if (letter === '\\' || (quotes && letter === '"')) return letter;
    throw new Error(`no escape: ${all}`);
  });
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'], summary: ['_sum', '_count'] };

function checkFamily(name: string, { type, samples }: SeenFamily): void {
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`${name} is a counter and does not end in _total`);
  const allowed = (SUFFIXES[type] as readonly string[]).map((suffix) => name + suffix);
  const keys = samples.map((sample) => sample.name + keyOf(sample.labels));
  if (new Set(keys).size !== keys.length) throw new Error(`${name} has a series twice`);
  for (const sample of samples) {
    if (!allowed.includes(sample.name)) throw new Error(`${sample.name} stands among ${name}`);
    if (type !== 'gauge' && !(sample.value >= 0)) throw new Error(`${sample.name} is ${sample.text}`);
  }
  if (type === 'histogram') checkHistogram(name, samples);
}

/** Buckets rise in bound and count, the last is infinite, and it counts what `_count` counts. */
function checkHistogram(name: string, samples: readonly SeenSample[]): void {
  const series = Map.groupBy(samples, ({ labels }) => keyOf({ ...labels, le: '' }));
  for (const [labels, of] of series) {
    const buckets = of.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels: { le } }) => Number(le?.replace('Inf', 'Infinity')));
    const counts = buckets.map(({ value }) => value);
    const rising = (values: readonly number[], strictly: boolean): boolean => values.every((value, i) => i === 0 || value > (values[i - 1] as number) || (!strictly && value === values[i - 1]));
    const count = of.find((sample) => sample.name === `${name}_count`)?.value;
    if (!rising(bounds, true) || !rising(counts, false) || bounds.at(-1) !== Infinity || counts.at(-1) !== count || of.length !== buckets.length + 2)
      throw new Error(`${name}${labels} is no histogram`);
  }
}

const keyOf = (labels: Readonly<Record<string, string>>): string => JSON.stringify(Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1)));

/** The sum of the samples that have these labels; of a histogram's, only those of that name. */
export function sumOf(families: ReadonlyMap<string, SeenFamily>, name: string, labels: Readonly<Record<string, string>> = {}): bigint {
  const family = families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, ''));
  if (!family) throw new Error(`there is no ${name}`);
  const matching = family.samples.filter((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
  return matching.reduce((sum, { text }) => sum + BigInt(text), 0n);
}
