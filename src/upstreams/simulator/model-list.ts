/** The models that the simulator lists. It answers for each other name that begins with `claude-` as well. */
import { ApiError } from './api-error.ts';
import type { JsonObject } from './messages-request.ts';

const MODELS = [
  { id: 'claude-opus-5-5', name: 'Claude Opus 5.5', context: 1_000_000, output: 128_000 },
  { id: 'claude-sonnet-5-5', name: 'Claude Sonnet 5.5', context: 1_000_000, output: 128_000 },
  { id: 'claude-haiku-5-5', name: 'Claude Haiku 5.5', context: 1_000_000, output: 128_000 },
  { id: 'claude-opus-4-7', name: 'Claude Opus 4.7', context: 1_000_000, output: 128_000 },
  { id: 'claude-opus-4-6', name: 'Claude Opus 4.6', context: 1_000_000, output: 128_000 },
  { id: 'claude-sonnet-4-6', name: 'Claude Sonnet 4.6', context: 1_000_000, output: 128_000 },
  { id: 'claude-haiku-4-5', name: 'Claude Haiku 4.5', context: 200_000, output: 64_000 },
] as const;

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 1_000;

/** A page of the list, by `limit`, `after_id` and `before_id`. */
export function modelPage(query: URLSearchParams): JsonObject {
  const limit = Number(query.get('limit') ?? LIMIT_DEFAULT);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) throw new ApiError(400, `limit: must be from 1 to ${LIMIT_MAX}`);
  const before = MODELS.findIndex((model) => model.id === query.get('before_id'));
  const after = MODELS.findIndex((model) => model.id === query.get('after_id'));
  const end = before === -1 ? MODELS.length : before;
  const start = before === -1 ? after + 1 : Math.max(0, before - limit);
  const page = MODELS.slice(start, end).slice(0, limit);
  return {
    data: page.map(modelInfo),
    has_more: before === -1 ? start + page.length < MODELS.length : start > 0,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

export function modelById(id: string): JsonObject {
  const model = MODELS.find((candidate) => candidate.id === id);
  if (!model) throw new ApiError(404, `model: ${id.slice(0, 100)}`);
  return modelInfo(model);
}

function modelInfo(model: (typeof MODELS)[number]): JsonObject {
  return {
    type: 'model',
    id: model.id,
    display_name: model.name,
    created_at: '2026-01-01T00:00:00Z',
    deprecated_at: null,
    retires_at: null,
    lifecycle: 'active',
    line: model.id.split('-')[1] ?? null,
    max_input_tokens: model.context,
    max_tokens: model.output,
    capabilities: null,
  };
}
