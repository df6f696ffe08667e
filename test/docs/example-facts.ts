import type { GuideFacts } from '../../src/docs/guide-facts.ts';

export const FACTS: GuideFacts = {
  baseUrl: 'https://llm.example.com',
  consoleUrl: 'https://llm.example.com',
  version: '1.2.3',
  timezone: 'UTC',
  routes: [],
  alias: 'YOUR-ROUTE',
  model: 'claude-haiku-4-5',
  agentModel: 'claude-opus-4-7',
  requestBody: '32MB',
  holdWait: '10s',
  drain: '5s',
  allowed: null,
};
