/** One pass over a request's bytes: its model, what bounds its cost, and whether it can be metered at all. */
import { isUtf8 } from 'node:buffer';
import { MalformedJson } from './json-limits.ts';
import { KeyTable } from './key-table.ts';
import { RequestContent } from './request-content.ts';
import type { RequestFacts, RequestScan } from './request-facts.ts';
import { RequestFindings } from './request-findings.ts';
import type { RememberedField, ScanMemory } from './scan-memory.ts';

const TOP_KEYS = new KeyTable([
  'model', 'max_tokens', 'stream', 'messages', 'system', 'tools', 'cache_control', 'context_management', 'compaction',
  'speed', 'thread', 'container', 'skills', 'mcp_servers', 'fallbacks', 'fallback_credit_token', 'billing_policy',
  'thinking', 'tool_choice', 'output_config', 'output_format', 'metadata', 'temperature', 'stop_sequences',
  'service_tier', 'inference_geo', 'top_k', 'top_p', 'betas',
]);
const CONTAINER_KEYS = new KeyTable(['id', 'skills']);
const MANAGEMENT_KEYS = new KeyTable(['edits']);
const EDIT_KEYS = new KeyTable(['type']);

/** The body fields of `MessageCountTokensParams` in `@anthropic-ai/sdk` 1.12 (stable and beta), less those refused here. */
const COUNTED = new Set<string>([
  'model', 'messages', 'system', 'tools', 'cache_control', 'context_management', 'compaction', 'mcp_servers',
  'thinking', 'tool_choice', 'output_config', 'output_format',
]);

/**
 * Scans a request's body. `allow` holds the words of the setting `allow` in config.yaml (see `ALLOWANCES`).
 * Never throws for any body. Positions are byte offsets. With a memory, long values that came before are not scanned again.
 */
export function scanRequest(body: Buffer, allow: ReadonlySet<string>, memory?: ScanMemory): RequestScan {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf)
    return malformed('The body starts with a byte order mark; JSON has none', 0);
  if (!isUtf8(body)) return malformed('The body is not valid UTF-8', firstInvalidUtf8(body));
  const findings = new RequestFindings(allow);
  try {
    new RequestScanner(body, findings, memory ?? null).scan();
  } catch (error) {
    if (error instanceof MalformedJson) return malformed(`The body is not the JSON that is needed here: ${error.message}`, error.position);
    throw error;
  }
  if (findings.model === null) return malformed('The body has no "model" that is a string', 0);
  return findings.refusal ?? { kind: 'ok', facts: factsOf(body, findings, findings.model) };
}

/** The body for the upstream's `count_tokens`: the original bytes of the members that it accepts, in their order. */
export function countTokensBody(body: Buffer, facts: RequestFacts): Buffer {
  const parts: Buffer[] = [Buffer.from('{')];
  for (const [start, end] of facts.countTokensRanges) {
    if (parts.length > 1) parts.push(Buffer.from(','));
    parts.push(body.subarray(start, end));
  }
  parts.push(Buffer.from('}'));
  return Buffer.concat(parts);
}

class RequestScanner extends RequestContent {
  readonly #memory: ScanMemory | null;

  constructor(buffer: Buffer, findings: RequestFindings, memory: ScanMemory | null) {
    super(buffer, findings);
    this.#memory = memory;
  }

  scan(): void {
    this.skipSpace();
    if (this.kind() !== 'object') this.fail('expected an object');
    this.object(TOP_KEYS, this.member);
    this.skipSpace();
    if (this.pos < this.buffer.length) this.fail('something follows the end of the object');
  }

  private readonly member = (key: number, keyStart: number): void => {
    const name = key < 0 ? null : (TOP_KEYS.names[key] as string);
    if (name === null) return this.skipValue();
    this.known(name);
    if (COUNTED.has(name)) this.findings.countTokensRanges.push([keyStart, this.pos]);
  };

  private known(name: string): void {
    const { findings } = this;
    switch (name) {
      case 'model':
        findings.model = this.stringOrNull();
        return;
      case 'max_tokens': {
        const value = this.integerOrNull();
        findings.maxTokens = value !== null && value > 0 ? value : null;
        return;
      }
      case 'stream':
        findings.stream = this.buffer[this.pos] === 0x74;
        return this.skipValue();
      case 'messages':
        return this.messages();
      case 'system':
        return this.remembered(name);
      case 'tools':
        return this.remembered(name);
      case 'cache_control':
        return this.cacheControl();
      case 'context_management':
        return this.contextManagement();
      case 'compaction':
        if (this.present()) findings.compaction = true;
        return;
      default:
        return this.risky(name);
    }
  }

  /** Reads `tools` or `system`, or takes what it told before. */
  private remembered(field: RememberedField): void {
    const memory = this.#memory;
    if (memory === null || this.kind() !== 'array') return this.field(field);
    const { buffer, findings, pos } = this;
    const known = memory.recall(field, { body: buffer, pos, allow: findings.allow });
    if (known !== null) {
      this.pos += known.length;
      return findings.absorb(known.findings);
    }
    const found = new RequestFindings(findings.allow);
    this.findings = found;
    this.field(field);
    this.findings = findings;
    memory.keep(field, buffer.subarray(pos, this.pos), found);
    findings.absorb(found);
  }

  private field(field: RememberedField): void {
    if (field === 'tools') this.tools();
    else this.content();
  }

  /** Fields that reprice a request or keep state upstream; all the others pass unread. */
  private risky(name: string): void {
    const { findings } = this;
    switch (name) {
      case 'speed':
        return this.speed();
      case 'thread':
        if (this.present())
          findings.refuse(
            'thread',
            'thread is not supported here: the history would be kept upstream, so what the request costs could not be told from its body. Send the whole conversation, without thread.',
            'thread_unsupported',
          );
        return;
      case 'container':
        return this.container();
      case 'skills':
        if (this.present()) findings.permit('skills', 'skills', 'skills run in a container, whose time the response does not report');
        return;
      case 'mcp_servers':
        if (this.present() && findings.permit(name, name, 'their tools run upstream and return any amount of text into the context'))
          findings.serverTools = true;
        return;
      case 'fallbacks':
      case 'fallback_credit_token':
        if (this.present()) findings.permit(name, 'fallbacks', 'it has other models answer, at other prices');
        return;
      case 'billing_policy':
        if (this.present()) findings.permit(name, null, 'it changes who is billed upstream');
        return;
      default:
        return this.skipValue();
    }
  }

  /** Skips a value; true unless it is null or an empty list. */
  private present(): boolean {
    if (this.kind() === 'array') {
      let elements = 0;
      this.array(() => {
        elements++;
        this.skipValue();
      });
      return elements > 0;
    }
    const isNull = this.buffer[this.pos] === 0x6e;
    this.skipValue();
    return !isNull;
  }

  private speed(): void {
    const other = this.kind() !== 'literal' || this.buffer[this.pos] !== 0x6e;
    const speed = this.stringOrNull();
    if (other && speed !== 'standard')
      this.findings.permit(`speed${speed === 'fast' ? ' "fast"' : ''}`, null, 'only "standard" speed has a price here');
  }

  private container(): void {
    const { findings } = this;
    const why = 'a container keeps files in the upstream workspace, which all buyers share, and its time is not reported';
    if (this.kind() !== 'object') {
      if (this.present()) findings.permit('container', 'container', why);
      return;
    }
    let skills = false;
    this.object(CONTAINER_KEYS, (key) => {
      if (key === 1) skills = this.present();
      else this.skipValue();
    });
    if (skills && !findings.permit('container.skills', 'skills', 'skills run in a container, whose time the response does not report')) return;
    findings.permit('container', 'container', why);
  }

  /** An edit that compacts the context samples twice, and `max_tokens` bounds only the second time. */
  private contextManagement(): void {
    if (this.kind() !== 'object') return this.skipValue();
    this.object(MANAGEMENT_KEYS, (key) => {
      if (key === 0 && this.kind() === 'array') this.array(this.edit);
      else this.skipValue();
    });
  }

  private readonly edit = (): void => {
    if (this.kind() !== 'object') return this.skipValue();
    this.object(EDIT_KEYS, (key) => {
      if (key !== 0) return this.skipValue();
      const type = this.stringOrNull();
      if (type?.startsWith('compact') === true) this.findings.compaction = true;
    });
  };
}

function factsOf(body: Buffer, findings: RequestFindings, model: string): RequestFacts {
  return {
    model,
    maxTokens: findings.maxTokens,
    stream: findings.stream,
    cacheWrite: findings.ttl1h ? '1h' : findings.ttl5m ? '5m' : 'none',
    all1h: findings.ttl1h && !findings.ttl5m,
    images: findings.images,
    documents: findings.documents,
    unboundedBlocks: findings.unboundedBlocks,
    webSearchUsesMax: findings.webSearchUsesMax,
    webFetchUsesMax: findings.webFetchUsesMax,
    toolCount: findings.toolCount,
    definedTools: findings.definedTools,
    toolsets: findings.toolsets,
    serverTools: findings.serverTools,
    compaction: findings.compaction,
    bodyBytes: body.length,
    textBytes: body.length - findings.imageBytes,
    countTokensRanges: findings.countTokensRanges,
  };
}

function malformed(message: string, position: number): RequestScan {
  return { kind: 'malformed', message: `${message} (byte ${position}).`, position };
}

/** The offset of the first byte that is not part of valid UTF-8, by halving: a prefix may end inside a character. */
function firstInvalidUtf8(body: Buffer): number {
  let valid = 0;
  let invalid = body.length;
  while (invalid - valid > 8) {
    const middle = (valid + invalid) >> 1;
    let start = middle;
    while (start > valid && ((body[start] as number) & 0xc0) === 0x80 && middle - start < 3) start--;
    if (isUtf8(body.subarray(valid, start))) valid = start;
    else invalid = start;
  }
  while (valid < invalid) {
    const length = utf8Length(body[valid] as number);
    if (length === 0 || !isUtf8(body.subarray(valid, valid + length)) || valid + length > body.length) break;
    valid += length;
  }
  return valid;
}

function utf8Length(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}
