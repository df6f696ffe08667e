/**
 * Reads `usage` objects as the upstream reports them, once (JSON) or again and again (a stream). The last non-null
 * value wins, an explicit 0 included; nothing is added up or maximised. A value that is no count (negative, with a
 * fraction, a string, beyond COUNT_MAX) is ignored and flagged, and the report is then not final.
 */
import { addTokens, NO_TOKENS, type TokenCounts, type UsagePart } from '../tokens.ts';

/** A thousand times what the largest context window holds: what is above is no token count. */
export const COUNT_MAX = 1_000_000_000;

/** Fields of a usage object that are read or known to bill nothing (the breakdown of output is part of its total). */
const USAGE_FIELDS = new Set([
  'input_tokens', 'output_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'output_tokens_details',
  'iterations', 'service_tier', 'inference_geo', 'speed', 'type', 'model',
]);
const SPLIT_FIELDS = new Set(['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens']);
const SERVER_TOOL_FIELDS = new Set(['web_search_requests', 'web_fetch_requests']);

type Json = Record<string, unknown>;

interface Iteration {
  readonly fallback: boolean;
  /** Null: the response's own. */
  readonly model: string | null;
  readonly tokens: TokenCounts;
  /** Which of the writes are 1-hour was reported; where it was not, all are counted as 5-minute. */
  readonly split: boolean;
}

/** The longest names that are kept; real ones have some 30 characters. */
const NAME_MAX = 100;
/** Parts with names of their own; more are summed into one without. Real responses have one to three. */
export const MODELS_MAX = 32;

/** What the upstream calls a model; null for what is no name. */
export function modelName(value: unknown): string | null {
  return text(value);
}

export class UsageReport {
  private input: number | null = null;
  private output: number | null = null;
  private read: number | null = null;
  private written: number | null = null;
  /** From the split: its 1-hour part, and the total of writes when that was reported. */
  private written1h: number | null = null;
  private writtenAtSplit: number | null = null;
  private split5m: number | null = null;
  private entries: readonly Iteration[] | null = null;
  /** The last usage object held a readable `output_tokens`. */
  outputReported = false;
  /** Fields whose last value was unreadable; null until there is one, as nearly always. */
  private bad: Set<string> | null = null;
  private flagSet: Set<string> | null = null;
  webSearchRequests = 0;
  inferenceGeo: string | null = null;
  serviceTier: string | null = null;
  speed: string | null = null;

  flag(flag: string): void {
    (this.flagSet ??= new Set()).add(flag);
  }

  /** Input and output were reported, and no field that bears on the price was unreadable when it came last. */
  get complete(): boolean {
    return this.input !== null && this.output !== null && (this.bad === null || this.bad.size === 0);
  }

  /** True when the usage was an object. */
  apply(usage: unknown): boolean {
    if (!isObject(usage)) {
      this.flag(usage === undefined || usage === null ? 'usage_missing' : 'usage_malformed');
      return false;
    }
    this.input = this.count(usage, 'input_tokens') ?? this.input;
    const output = this.count(usage, 'output_tokens');
    this.outputReported = output !== null;
    this.output = output ?? this.output;
    this.read = this.count(usage, 'cache_read_input_tokens') ?? this.read;
    this.written = this.count(usage, 'cache_creation_input_tokens') ?? this.written;
    this.applySplit(usage['cache_creation']);
    const tools = usage['server_tool_use'];
    if (isObject(tools)) this.webSearchRequests = this.count(tools, 'web_search_requests') ?? this.webSearchRequests;
    this.applyIterations(usage['iterations']);
    this.inferenceGeo = text(usage['inference_geo']) ?? this.inferenceGeo;
    this.serviceTier = text(usage['service_tier']) ?? this.serviceTier;
    this.speed = text(usage['speed']) ?? this.speed;
    if (this.speed !== null && this.speed !== 'standard') this.flag('speed_not_priced');
    this.checkUnknown(usage);
    return true;
  }

  private applySplit(split: unknown): void {
    if (!isObject(split)) return;
    const written1h = this.count(split, 'ephemeral_1h_input_tokens');
    if (written1h !== null) {
      this.written1h = written1h;
      this.writtenAtSplit = this.written;
    }
    this.split5m = this.count(split, 'ephemeral_5m_input_tokens') ?? this.split5m;
  }

  private applyIterations(iterations: unknown): void {
    if (iterations === undefined || iterations === null) return;
    if (!Array.isArray(iterations)) return this.malformed('iterations');
    this.bad?.delete('iterations');
    this.entries = iterations.filter(isObject).map((entry) => this.iteration(entry));
    if (this.entries.length < iterations.length) this.malformed('iterations');
  }

  private iteration(entry: Json): Iteration {
    const split = isObject(entry['cache_creation']) ? entry['cache_creation'] : null;
    const read = (from: Json | null, field: string) => (from === null ? null : this.count(from, field, 'iterations'));
    const hour = read(split, 'ephemeral_1h_input_tokens');
    const total = read(entry, 'cache_creation_input_tokens') ?? (read(split, 'ephemeral_5m_input_tokens') ?? 0) + (hour ?? 0);
    const written1h = Math.min(hour ?? 0, total);
    this.checkUnknown(entry);
    return {
      fallback: entry['type'] === 'fallback_message',
      model: text(entry['model']),
      tokens: {
        input: read(entry, 'input_tokens') ?? 0,
        output: read(entry, 'output_tokens') ?? 0,
        cacheWrite5m: total - written1h,
        cacheWrite1h: written1h,
        cacheRead: read(entry, 'cache_read_input_tokens') ?? 0,
      },
      split: hour !== null,
    };
  }

  /** The totals. Writes whose split was not reported, or that grew after it was, are 1-hour only if all TTLs of the request are. */
  tokens(all1h: boolean): TokenCounts {
    // A total that is absent beside a split (compatible vendors) is the sum of the split.
    const total = this.written ?? (this.split5m ?? 0) + (this.written1h ?? 0);
    let hour = Math.min(this.written1h ?? (all1h && this.split5m === null ? total : 0), total);
    if (this.writtenAtSplit !== null && total > this.writtenAtSplit) {
      this.flag('cache_write_grew');
      if (all1h) hour = Math.min(hour + total - this.writtenAtSplit, total);
    }
    return { input: this.input ?? 0, output: this.output ?? 0, cacheWrite5m: total - hour, cacheWrite1h: hour, cacheRead: this.read ?? 0 };
  }

  /**
   * What is billed where iterations are reported: their sums by model. An empty list bills nothing, so it is taken as
   * absent. A hop that declined (0 output, another model took over) is not billed upstream. An empty name stands for
   * the requested model: what named none, and, flagged, what is beyond `MODELS_MAX` names, so that a receipt can hold it.
   */
  iterations(model: string | null, all1h: boolean): readonly UsagePart[] | null {
    if (this.entries === null || this.entries.length === 0) return null;
    const lastFallback = this.entries.findLastIndex((entry) => entry.fallback);
    const sums = new Map<string, TokenCounts>();
    for (const [i, entry] of this.entries.entries()) {
      if (i < lastFallback && entry.tokens.output === 0) continue;
      let name = entry.model ?? model ?? '';
      if (sums.size >= MODELS_MAX && !sums.has(name)) {
        this.flag('models_merged');
        name = '';
      }
      sums.set(name, addTokens(sums.get(name) ?? NO_TOKENS, all1h && !entry.split ? asHourWrites(entry.tokens) : entry.tokens));
    }
    return [...sums].map(([name, tokens]) => ({ model: name, tokens }));
  }

  get flags(): readonly string[] {
    return this.flagSet === null ? [] : [...this.flagSet];
  }

  /** A count, or null where the field is absent, null or unreadable; the latter is remembered under `key`. */
  private count(from: Json, field: string, key: string = field): number | null {
    const value = from[field];
    if (value === undefined || value === null) return null;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= COUNT_MAX) {
      if (key === field) this.bad?.delete(field);
      return value;
    }
    this.malformed(key);
    return null;
  }

  private malformed(field: string): void {
    (this.bad ??= new Set()).add(field);
    this.flag('usage_malformed');
  }

  /** A counter above zero that we do not know may be billed: somebody has to look. */
  private checkUnknown(usage: Json): void {
    for (const key in usage) {
      if (USAGE_FIELDS.has(key)) continue;
      const value = usage[key];
      if (key === 'cache_creation' && isObject(value)) this.checkFields(value, SPLIT_FIELDS);
      else if (key === 'server_tool_use' && isObject(value)) this.checkFields(value, SERVER_TOOL_FIELDS);
      else if (holdsCount(value)) this.flag('unknown_counter');
    }
  }

  private checkFields(value: Json, known: ReadonlySet<string>): void {
    for (const [key, part] of Object.entries(value)) if (!known.has(key) && holdsCount(part)) this.flag('unknown_counter');
  }
}

/** A field that nests deeper than any known one might hold anything. */
const UNKNOWN_DEPTH_MAX = 8;

function holdsCount(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return value > 0;
  if (typeof value !== 'object' || value === null) return false;
  return depth === UNKNOWN_DEPTH_MAX || Object.values(value).some((part) => holdsCount(part, depth + 1));
}

function asHourWrites(tokens: TokenCounts): TokenCounts {
  return { ...tokens, cacheWrite5m: 0, cacheWrite1h: tokens.cacheWrite1h + tokens.cacheWrite5m };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Cut, for what an upstream sends here goes into a row and a receipt. */
function text(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, NAME_MAX) : null;
}
