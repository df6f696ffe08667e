/** How figures are written in a request's story. */
import { formatUsdc } from '../../money.ts';

/** `0.004200 USDC`. */
export const usdc = (amount: bigint): string => `${formatUsdc(amount, 6)} USDC`;

/** `1,750`. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 token`, `1,750 tokens`. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** `412 ms`, `4.6 s`, `3 min 20 s`. */
export function lasting(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `2026-11-23 12:04 UTC`. */
export const minute = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** `2026-11-23 12:04:13.208 UTC`. */
export const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1).replace('T', ' ')} UTC`;

/** `once`, `twice`, `3 times`. */
export const times = (value: number): string => (value === 1 ? 'once' : value === 2 ? 'twice' : `${value} times`);
