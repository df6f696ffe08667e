/** What one pass over a request's bytes tells: what names its price and bounds its cost. */
export interface RequestFacts {
  readonly model: string;
  /** Null when absent or not a positive integer (the upstream will refuse it): bound by the model's cap. */
  readonly maxTokens: number | null;
  readonly stream: boolean;
  /** The dearest cache write the request can cause; `1h` if any TTL is 1h. */
  readonly cacheWrite: 'none' | '5m' | '1h';
  /** Every TTL in the request is 1h: growth of writes after `message_start` is then 1h too. */
  readonly all1h: boolean;
  /** Images, documents and other blocks whose tokens are not bounded by their bytes, by kind. */
  readonly images: number;
  readonly documents: number;
  /** URL sources and other blocks that only the context window bounds. */
  readonly unboundedBlocks: number;
  /** Null: the tool is absent. The sum of `max_uses`, where an absent `max_uses` counts as 10. */
  readonly webSearchUsesMax: number | null;
  readonly webFetchUsesMax: number | null;
  readonly toolCount: number;
  /** Tools that the client runs and the upstream defines (`bash_20250124`): their definitions are not in the body. */
  readonly definedTools: number;
  /** The same for whole sets of tools (`browser_toolset_20260801`). */
  readonly toolsets: number;
  /** Tools other than web search and fetch run upstream (tool search, or what the operator allows): input is read in a loop. */
  readonly serverTools: boolean;
  /** The request may have its context summarised first, which is sampled, and billed, on its own. */
  readonly compaction: boolean;
  readonly bodyBytes: number;
  /** Bytes of the body that can become text tokens: body less base64 data of images and documents. */
  readonly textBytes: number;
  /** Original byte ranges [start, end) of the top-level members that `count_tokens` accepts, keys included (`"model":"x"`). */
  readonly countTokensRanges: readonly (readonly [number, number])[];
}

export type RequestScan =
  | { readonly kind: 'ok'; readonly facts: RequestFacts }
  /** Not the JSON that the upstream would read: duplicate keys, BOM, invalid UTF-8, trailing data, too deep. */
  | { readonly kind: 'malformed'; readonly message: string; readonly position: number }
  /** Well-formed, but it cannot be metered or priced. */
  | { readonly kind: 'refused'; readonly code: 'not_meterable' | 'thread_unsupported'; readonly field: string; readonly message: string };
