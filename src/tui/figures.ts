/** Figures as the live view writes them: one formatter for each kind, the same in every view. */
import { formatUsdc } from '../money.ts';
import type { UsageSums } from '../reports/usage-sums.ts';

/** Stands where there is nothing to tell. */
export const NONE = '—';

/** `1,510.00`: balances and what was charged over a time. */
export const balanceText = (amount: bigint): string => formatUsdc(amount, 2, true);
/** `2.4265`: rates. */
export const rateText = (amount: bigint): string => formatUsdc(amount, 4, true);
/** `0.003720`: single requests. */
export const chargeText = (amount: bigint): string => formatUsdc(amount, 6, true);

/** `88,100`; a rate below ten has one decimal. */
export function countText(count: number): string {
  if (count > 0 && count < 0.05) return '<0.1';
  const rounded = count < 10 ? Math.round(count * 10) / 10 : Math.round(count);
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

const STEPS = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** `2.1k`, `31.0k`, `12.4M`: counts in at most six characters. */
export function compactText(count: number): string {
  let step = 0;
  let value = count;
  // 999,950 would round to 1000.0k.
  while (value >= (step === 0 ? 999.5 : 999.95) && step < STEPS.length - 1) {
    value /= 1000;
    step++;
  }
  return step === 0 ? countText(value) : `${value.toFixed(1)}${STEPS[step] ?? ''}`;
}

/** `94.2 %`; what is above zero is never `0.0 %`. */
export function shareText(share: number | null): string {
  if (share === null) return NONE;
  const percent = share * 100;
  if (percent !== 0 && Math.abs(percent) < 0.05) return percent > 0 ? '<0.1 %' : '>-0.1 %';
  return `${percent.toFixed(1)} %`;
}

/** `420ms`, `1.9s`, `31s`, `4m`, `5h 30m`, `3d 3h`: of milliseconds. */
export function durationText(ms: number | null): string {
  if (ms === null) return NONE;
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)}s`;
  if (ms < 59_500) return `${Math.round(ms / 1000)}s`;
  return emptyInText(Math.floor(Math.round(ms / 1000) / 60));
}

/** As `durationText`, in tenths of a second from the first: for ages that run. */
export const ageText = (ms: number): string => (ms < 999.5 ? `${(Math.max(0, ms) / 1000).toFixed(1)}s` : durationText(ms));

/** `now`, `9s ago`, `4m ago`: how long something is past, in whole seconds. */
export const agoText = (ms: number): string => (ms < 1_500 ? 'now' : `${ms < 59_500 ? `${Math.round(ms / 1000)}s` : durationText(ms)} ago`);

/** `50m`, `5h 30m`, `3d 3h`: of whole minutes, e.g. until a balance is used up. */
export function emptyInText(minutes: number | null): string {
  if (minutes === null) return NONE;
  if (minutes < 60) return `${Math.max(0, minutes)}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** `12:04:17`, of the day in UTC. */
export const clockText = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
/** `11-23 12:04`, in UTC. */
export const dayClockText = (ms: number): string => new Date(ms).toISOString().slice(5, 16).replace('T', ' ');
/** `2026-11-23`, in UTC. */
export const dayText = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The part of `whole` that `part` is, 0 to 1; null: the whole is nothing. In millionths, so that money stays exact until then. */
export function partOf(part: bigint, whole: bigint): number | null {
  return whole === 0n ? null : Number((part * 1_000_000n) / whole) / 1e6;
}

/** Those that broke ÷ all. */
export const errorShareOf = (sums: UsageSums): number | null => (sums.requests === 0 ? null : sums.errors / sums.requests);
