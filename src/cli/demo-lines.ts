/** What `serve --demo` prints: lines to paste, each of which works as it stands. */
import { DEMO_BUYER, DEMO_ROUTE, DEMO_USDC } from '../demo.ts';
import { DEMO_ADMIN, type DemoInvitations } from './demo-invitations.ts';
import { shellWord } from './shell-word.ts';

export interface DemoLines {
  /** E.g. `http://127.0.0.1:8787`. */
  readonly origin: string;
  readonly key: string;
  /** The demo's `config.yaml`. */
  readonly file: string;
  /** How this program is called, e.g. `ainogap` or `node bin/ainogap.js`. */
  readonly program: string;
  /** Null: the console is off. */
  readonly invitations: DemoInvitations | null;
}

export function demoLines({ origin, key, file, program, invitations }: DemoLines): string {
  const base = `${origin}/${DEMO_ROUTE}`;
  const cli = `${program} --config ${shellWord(file)}`;
  const headers = `-H 'x-api-key: ${key}' -H 'anthropic-version: 2023-06-01' -H 'content-type: application/json'`;
  const body = (extra: string): string => `-d '{"model":"claude-sonnet-5-5","max_tokens":200${extra},"messages":[{"role":"user","content":"Hello!"}]}'`;
  return `
The demo runs on a simulator: nothing real is called or paid. Buyer "${DEMO_BUYER}" has ${DEMO_USDC} USDC.

key    ${key}
route  ${base}
${invitations === null ? '' : invitationLines(invitations)}
# curl: JSON, with the charge in its headers, then a stream
curl -i ${base}/v1/messages ${headers} ${body('')}
curl -N ${base}/v1/messages ${headers} ${body(',"stream":true')}

# TypeScript (npm install @anthropic-ai/sdk; a file such as hello.mjs)
import Anthropic from '@anthropic-ai/sdk';
const client = new Anthropic({ baseURL: '${base}', apiKey: '${key}' });
const message = await client.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 200, messages: [{ role: 'user', content: 'Hello!' }] });
console.log(message.content, message.usage);

# Claude Code
ANTHROPIC_BASE_URL=${base} ANTHROPIC_AUTH_TOKEN=${key} claude --model claude-opus-5-5

# What it cost, from another terminal
${cli} top
${cli} requests
${cli} balance ${DEMO_BUYER}

Ctrl-C ends the demo and removes its data.
`;
}

function invitationLines({ buyer, admin }: DemoInvitations): string {
  return `
# The console as the buyer "${DEMO_BUYER}" sees it, and the panel as the admin "${DEMO_ADMIN}": each link works once
${buyer}
${admin}
`;
}
