import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { RequestContent } from '../../src/metering/request-content.ts';
import { scanRequest } from '../../src/metering/request.ts';
import { ScanMemory } from '../../src/metering/scan-memory.ts';

const NOTHING: ReadonlySet<string> = new Set();
const MORE: ReadonlySet<string> = new Set(['code_execution']);
const PAD = 'x'.repeat(1100);

/** Arrays that differ in what they cost, and in one byte at most where that is enough to matter. */
const ARRAYS = [
  `[{"name":"a","description":"${PAD}","input_schema":{}}]`,
  `[{"name":"a","description":"${PAD}","input_schema":{},"cache_control":{"type":"ephemeral","ttl":"5m"}}]`,
  `[{"name":"a","description":"${PAD}","input_schema":{},"cache_control":{"type":"ephemeral","ttl":"1h"}}]`,
  `[{"name":"a","description":"${PAD}","input_schema":{},"cache_control":{"type":"ephemeral","ttl":"\\u0031h"}}]`,
  `[{"type":"web_search_20250305","name":"web_search","max_uses":3,"about":"${PAD}"}]`,
  `[{"type":"web_search_20250305","name":"web_search","max_uses":4,"about":"${PAD}"}]`,
  `[{"type":"code_execution_20250825","name":"c","about":"${PAD}"}]`,
  `[{"type":"text","text":"${PAD}"},{"type":"image","source":{"type":"url","url":"u"}}]`,
  `[{"type":"text","text":"${PAD}"} ]`,
  `[{"type":"text","text":"${PAD}"}`,
  `[{"type":"text","text":"${PAD}"}]]`,
];

const bodyOf = (tools: string, system: string, tail: string): string =>
  `{"model":"m","max_tokens":10,"tools":${tools},"system":${system}${tail},"messages":[]}`;

describe('a scan with a memory', () => {
  test('tells what one without it tells, whatever came before', () => {
    const part = fc.constantFrom(...ARRAYS);
    const request = fc.record({ tools: part, system: part, tail: fc.constantFrom('', ' ', '\n\t'), allow: fc.constantFrom(NOTHING, MORE) });
    fc.assert(
      fc.property(fc.array(request, { minLength: 2, maxLength: 8 }), (requests) => {
        const memory = new ScanMemory();
        for (const { tools, system, tail, allow } of requests) {
          const body = Buffer.from(bodyOf(tools, system, tail));
          expect(scanRequest(body, allow, memory)).toEqual(scanRequest(body, allow));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('does not read again what it has read, and reads what differs in a byte', () => {
    const read = vi.spyOn(RequestContent.prototype as unknown as { tools(): void }, 'tools');
    try {
      const memory = new ScanMemory();
      const scan = (tools: string) => scanRequest(Buffer.from(bodyOf(tools, '"s"', '')), NOTHING, memory);
      scan(ARRAYS[1] as string);
      scan(ARRAYS[1] as string);
      expect(read).toHaveBeenCalledTimes(1);
      scan(ARRAYS[2] as string);
      expect(read).toHaveBeenCalledTimes(2);
    } finally {
      read.mockRestore();
    }
  });

  test('keeps no more than 64 values, the last used ones', () => {
    const memory = new ScanMemory();
    const scan = (i: number) => scanRequest(Buffer.from(bodyOf(`[{"name":"tool_${i}","description":"${PAD}"}]`, '"s"', '')), NOTHING, memory);
    for (let i = 0; i < 65; i++) scan(i);
    const start = Buffer.from(`[{"name":"tool_0","description":"${PAD}"}]`);
    expect(memory.recall('tools', { body: start, pos: 0, allow: NOTHING })).toBeNull();
    const last = Buffer.from(`[{"name":"tool_64","description":"${PAD}"}]`);
    expect(memory.recall('tools', { body: last, pos: 0, allow: NOTHING })).not.toBeNull();
    expect(memory.recall('system', { body: last, pos: 0, allow: NOTHING })).toBeNull();
  });
});
