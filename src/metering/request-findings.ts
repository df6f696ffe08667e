/** What the scan has found so far; becomes `RequestFacts`. */
import type { RequestScan } from './request-facts.ts';

export type Refusal = Extract<RequestScan, { kind: 'refused' }>;

/** Uses of a web tool whose `max_uses` is absent or unreadable; server-tool loops run up to ten iterations. */
export const USES_DEFAULT = 10;
/** More uses than this need not be told apart: their fees are beyond any balance. */
const USES_MAX = 1_000_000_000;

export class RequestFindings {
  model: string | null = null;
  maxTokens: number | null = null;
  stream = false;
  ttl5m = false;
  ttl1h = false;
  images = 0;
  documents = 0;
  unboundedBlocks = 0;
  /** Bytes of base64 that an image stands for. */
  imageBytes = 0;
  webSearchUsesMax: number | null = null;
  webFetchUsesMax: number | null = null;
  toolCount = 0;
  definedTools = 0;
  toolsets = 0;
  serverTools = false;
  compaction = false;
  countTokensRanges: [number, number][] = [];
  /** The first one. Malformed JSON further on is reported instead of it. */
  refusal: Refusal | null = null;
  readonly allow: ReadonlySet<string>;

  constructor(allow: ReadonlySet<string>) {
    this.allow = allow;
  }

  /** Refuses a field, unless `setting` (a word of the setting `allow`) is allowed. True when it may pass. */
  permit(field: string, setting: string | null, why: string): boolean {
    if (setting !== null && this.allow.has(setting)) return true;
    if (this.refusal !== null) return false;
    const how =
      setting === null
        ? 'No setting of the gateway allows it.'
        : `The gateway's operator can allow it with "allow: [${setting}]" in config.yaml.`;
    this.refuse(field, `${field} is refused, because ${why}. ${how}`);
    return false;
  }

  refuse(field: string, message: string, code: Refusal['code'] = 'not_meterable'): void {
    this.refusal ??= { kind: 'refused', code, field, message };
  }

  /** Adds what was found in one value of the body (see `ScanMemory`). */
  absorb(other: RequestFindings): void {
    this.ttl5m ||= other.ttl5m;
    this.ttl1h ||= other.ttl1h;
    this.images += other.images;
    this.documents += other.documents;
    this.unboundedBlocks += other.unboundedBlocks;
    this.imageBytes += other.imageBytes;
    if (other.webSearchUsesMax !== null) this.addUses('webSearchUsesMax', other.webSearchUsesMax);
    if (other.webFetchUsesMax !== null) this.addUses('webFetchUsesMax', other.webFetchUsesMax);
    this.toolCount += other.toolCount;
    this.definedTools += other.definedTools;
    this.toolsets += other.toolsets;
    this.serverTools ||= other.serverTools;
    this.compaction ||= other.compaction;
    this.refusal ??= other.refusal;
  }

  addUses(tool: 'webSearchUsesMax' | 'webFetchUsesMax', maxUses: number | null): void {
    const uses = maxUses === null ? USES_DEFAULT : Math.min(Math.max(maxUses, 0), USES_MAX);
    this[tool] = Math.min((this[tool] ?? 0) + uses, USES_MAX);
  }
}
