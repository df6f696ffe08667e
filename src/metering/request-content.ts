/**
 * Walks the parts of a request that bear on its cost: content blocks wherever they nest (messages, `system`, tool
 * results, documents made of blocks), tools, `cache_control` and sources. What a block holds under a key that is not
 * known here may be blocks too (as in `tool_references`), and is walked as such. What a tool is called with (`input`)
 * and its schema are the buyer's own data and are only checked, so a key named `cache_control` in there means nothing.
 */
import { JsonScanner } from './json-scanner.ts';
import { KeyTable } from './key-table.ts';
import type { RequestFindings } from './request-findings.ts';
import { judgeTool } from './tool-types.ts';

const MESSAGE_KEYS = new KeyTable(['role', 'content', 'cache_control']);
/** The names of the usual keys are listed too: recognising one is cheaper than remembering it. */
const BLOCK_KEYS = new KeyTable([
  'type', 'cache_control', 'content', 'source', 'tool', 'tool_changes',
  'text', 'id', 'name', 'input', 'tool_use_id', 'is_error', 'thinking', 'signature', 'data', 'citations', 'title',
  'context', 'caller', 'url', 'page_age', 'encrypted_content', 'tool_name', 'file_id', 'retrieved_at',
  'tool_references',
]);
const TOOL_REFERENCES = BLOCK_KEYS.names.indexOf('tool_references');
const UNKNOWN = -1;
const BLOCK_TYPES = new KeyTable(['image', 'document', 'container_upload', 'text', 'tool_use', 'tool_result', 'thinking']);
const SOURCE_KEYS = new KeyTable(['type', 'data', 'content', 'media_type', 'url', 'file_id']);
const SOURCE_TYPES = new KeyTable(['base64', 'text', 'content', 'url', 'file']);
const CACHE_KEYS = new KeyTable(['type', 'ttl']);
const TOOL_KEYS = new KeyTable(['type', 'max_uses', 'cache_control', 'name', 'description', 'input_schema', 'strict']);
const TOOL_CHANGE_KEYS = new KeyTable(['type', 'definition', 'name']);

type SourceType = 'base64' | 'text' | 'content' | 'url' | 'file' | 'unknown';
interface Source {
  type: SourceType;
  dataBytes: number;
}

export class RequestContent extends JsonScanner {
  protected findings: RequestFindings;

  constructor(buffer: Buffer, findings: RequestFindings) {
    super(buffer);
    this.findings = findings;
  }

  protected messages(): void {
    if (this.kind() === 'array') this.array(this.message);
    else this.skipValue();
  }

  private readonly message = (): void => {
    if (this.kind() === 'object') this.object(MESSAGE_KEYS, this.messageMember);
    else this.skipValue();
  };

  private readonly messageMember = (key: number): void => {
    if (key === 1) this.content();
    else if (key === 2) this.cacheControl();
    else this.skipValue();
  };

  /** A string, a list of blocks, or one block (results of server tools). */
  protected content(): void {
    const kind = this.kind();
    if (kind === 'array') this.array(this.block);
    else if (kind === 'object') this.block();
    else this.skipValue();
  }

  private readonly block = (): void => {
    if (this.kind() !== 'object') return this.skipValue();
    let type = -1;
    let source: Source | null = null;
    this.object(BLOCK_KEYS, (key) => {
      switch (key) {
        case 0:
          type = this.stringIn(BLOCK_TYPES);
          return;
        case 1:
          return this.cacheControl();
        case 2:
          return this.content();
        case 3:
          source = this.source();
          return;
        case 4:
          return this.toolChange();
        case 5:
        case TOOL_REFERENCES:
        case UNKNOWN:
          return this.content();
        default:
          return this.skipValue();
      }
    });
    if (type === 2) {
      if (this.findings.permit('a container_upload block', 'files', 'uploaded files belong to the upstream workspace, which all buyers share'))
        this.findings.unboundedBlocks++;
    } else if (source !== null) this.judgeSource(type === 0 ? 'image' : type === 1 ? 'document' : 'other', source);
  };

  private judgeSource(block: 'image' | 'document' | 'other', source: Source): void {
    const { findings } = this;
    if (source.type === 'file')
      findings.permit('source.type "file"', 'files', 'uploaded files belong to the upstream workspace, which all buyers share');
    if (block === 'image') {
      findings.images++;
      if (source.type === 'base64') findings.imageBytes += source.dataBytes;
    } else if (source.type === 'base64') findings.documents++;
    else if (source.type !== 'text' && source.type !== 'content') findings.unboundedBlocks++;
  }

  /** An object tells where an image or document comes from; a string (search results) is plain text. */
  private source(): Source | null {
    if (this.kind() !== 'object') {
      this.skipValue();
      return null;
    }
    const source: Source = { type: 'unknown', dataBytes: 0 };
    this.object(SOURCE_KEYS, (key) => {
      if (key === 0) source.type = SOURCE_TYPES.names[this.stringIn(SOURCE_TYPES)] ?? 'unknown';
      else if (key === 1 && this.kind() === 'string') {
        this.skipValue();
        source.dataBytes = this.stringEnd - this.stringStart;
      } else if (key === 2) this.content();
      else this.skipValue();
    });
    return source;
  }

  /** Any value but null sets a breakpoint; the TTL is 5 minutes unless it says otherwise. */
  protected cacheControl(): void {
    const kind = this.kind();
    if (kind !== 'object') {
      this.skipValue();
      if (kind !== 'literal') this.findings.ttl5m = true;
      return;
    }
    let ttl: string | null = null;
    this.object(CACHE_KEYS, (key) => {
      if (key === 1) ttl = this.stringOrNull();
      else this.skipValue();
    });
    if (ttl === '1h') this.findings.ttl1h = true;
    else this.findings.ttl5m = true;
    if (ttl !== null && ttl !== '1h' && ttl !== '5m')
      this.findings.refuse('cache_control.ttl', 'cache_control.ttl is refused, because only "5m" and "1h" have a price. Leave it out for 5 minutes.');
  }

  protected tools(): void {
    if (this.kind() === 'array') this.array(this.tool);
    else this.skipValue();
  }

  /** `tool_addition` blocks define tools in mid-conversation, as `tools` does. */
  private toolChange(): void {
    if (this.kind() !== 'object') return this.skipValue();
    this.object(TOOL_CHANGE_KEYS, (key) => {
      if (key === 1) this.tool();
      else this.skipValue();
    });
  }

  private readonly tool = (): void => {
    if (this.kind() !== 'object') return this.skipValue();
    let type: string | null = null;
    let maxUses: number | null = null;
    this.object(TOOL_KEYS, (key) => {
      if (key === 0) type = this.kind() === 'literal' ? this.nullType() : this.stringOrOther();
      else if (key === 1) maxUses = this.integerOrNull();
      else if (key === 2) this.cacheControl();
      else this.skipValue();
    });
    this.judgeTool(type, maxUses);
  };

  private judgeTool(type: string | null, maxUses: number | null): void {
    const { findings } = this;
    findings.toolCount++;
    const verdict = judgeTool(type, findings.allow);
    if (verdict.kind === 'defined') {
      if (verdict.toolset) findings.toolsets++;
      else findings.definedTools++;
    } else if (verdict.kind === 'search') findings.addUses('webSearchUsesMax', maxUses);
    else if (verdict.kind === 'fetch') findings.addUses('webFetchUsesMax', maxUses);
    else if (verdict.kind === 'server') findings.serverTools = true;
    else if (verdict.kind === 'refused') {
      const shown = /^[\w.-]{1,64}$/.test(type ?? '') ? `"${type}"` : 'of this type';
      findings.permit(`a tool ${shown}`, verdict.setting, verdict.why);
    }
  }

  /** `null` is as good as absent; `true` and `false` are not. */
  private nullType(): string | null {
    const isNull = this.buffer[this.pos] === 0x6e;
    this.skipValue();
    return isNull ? null : '';
  }

  /** A string's text; `''` for a value of another kind. */
  private stringOrOther(): string {
    return this.stringOrNull() ?? '';
  }

  /** A string's text, or null for a value of another kind. */
  protected stringOrNull(): string | null {
    const isString = this.kind() === 'string';
    this.skipValue();
    return isString ? this.text() : null;
  }

  /** A string's index in a table; -1 for other strings and values. */
  private stringIn<Name extends string>(table: KeyTable<Name>): number {
    const isString = this.kind() === 'string';
    this.skipValue();
    return isString ? this.textIn(table) : -1;
  }

  /** A number without a fraction (`1e3` counts) that is a safe integer, or null. */
  protected integerOrNull(): number | null {
    const isNumber = this.kind() === 'number';
    const start = this.pos;
    this.skipValue();
    if (!isNumber) return null;
    const value = Number(this.buffer.toString('latin1', start, this.pos));
    return Number.isSafeInteger(value) ? value : null;
  }
}
