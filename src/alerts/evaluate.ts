/**
 * Rules, as pure functions: facts → what fires. A rule that fires clears later than it would begin to fire, wherever a
 * figure that goes up and down around its limit would otherwise fire again and again:
 *
 * - `balance_below`: at the limit itself; a balance only rises by a top-up.
 * - `empty_within`: at 1.25 times the hours.
 * - `spend_above`, `error_share_above`: at three quarters of the limit.
 * - `shortfall`, `usage_estimated`: when none happened for 60 minutes.
 * - `upstream_down`: when a request is answered, or after an hour without any.
 */
import type { AlertRule } from '../config.ts';
import { formatBuyerId } from '../ids.ts';
import { formatUsdc, jsonMicros } from '../money.ts';
import { UPSTREAM_QUIET_MS, type AlertFacts, type BuyerFacts, type UpstreamFacts } from './facts.ts';

/** Figures by name; money as integers named `…UsdMicros`. */
export type AlertDetail = Readonly<Record<string, string | number>>;

export interface Finding {
  /** `buyer_3`, `upstream:NAME` or `gateway`: with the rule's name, what an alert is told apart by. */
  readonly subject: string;
  /** The buyer's or upstream's name, or `gateway`. */
  readonly subjectName: string;
  /** In words, with the figures. */
  readonly message: string;
  readonly detail: AlertDetail;
}

export interface Evaluation {
  readonly facts: AlertFacts;
  /** Subjects for which the rule fires already. */
  readonly firing: ReadonlySet<string>;
  /** Unix ms at which the facts were read. */
  readonly now: number;
}

type RuleOf<W extends AlertRule['when']> = Extract<AlertRule, { readonly when: W }>;
type Judged = Pick<Finding, 'message' | 'detail'> | null;

/** All for which the rule fires now, those that go on firing included. */
export function evaluate(rule: AlertRule, evaluation: Evaluation): Finding[] {
  switch (rule.when) {
    case 'balance_below':
      return ofBuyers(rule.buyers, evaluation, (buyer) => balanceBelow(rule, buyer));
    case 'empty_within':
      return ofBuyers(rule.buyers, evaluation, (buyer, fires) => emptyWithin(rule, buyer, fires));
    case 'spend_above':
      return ofBuyers(rule.buyers, evaluation, (buyer, fires) => spendAbove(rule, buyer, fires));
    case 'shortfall':
      return ofBuyers(rule.buyers, evaluation, shortfall);
    case 'usage_estimated':
      return ofBuyers(rule.buyers, evaluation, usageEstimated);
    case 'error_share_above':
      return errorShareAbove(rule, evaluation);
    case 'upstream_down':
      return upstreamDown(rule, evaluation);
  }
}

function ofBuyers(names: readonly string[] | null, { facts, firing }: Evaluation, judge: (buyer: BuyerFacts, fires: boolean) => Judged): Finding[] {
  const wanted = names && new Set(names.map((name) => name.toLowerCase()));
  return facts.buyers.flatMap((buyer) => {
    const subject = formatBuyerId(buyer.buyerId);
    if (wanted && !wanted.has(buyer.name.toLowerCase()) && !wanted.has(subject)) return [];
    const judged = judge(buyer, firing.has(subject));
    return judged ? [{ subject, subjectName: buyer.name, ...judged }] : [];
  });
}

/** Both amounts with two decimals, or with all where they would look the same, or one as `<0.01`. */
function twoAmounts(one: bigint, other: bigint): [string, string] {
  const [short, otherShort] = [formatUsdc(one, 2), formatUsdc(other, 2)];
  const decimals = short === otherShort || /[<>]/.test(short + otherShort) ? 6 : 2;
  return [formatUsdc(one, decimals), formatUsdc(other, decimals)];
}

/** Of a buyer that is disabled nothing can be spent, and one that was never topped up is no news. */
function balanceBelow({ amount }: RuleOf<'balance_below'>, { balance, available, disabled, funded }: BuyerFacts): Judged {
  if (disabled || !funded || balance >= amount) return null;
  const [is, limit] = twoAmounts(balance, amount);
  return {
    message: `the balance of ${is} USDC is below ${limit}`,
    detail: { balanceUsdMicros: jsonMicros(balance), availableUsdMicros: jsonMicros(available), limitUsdMicros: jsonMicros(amount) },
  };
}

const CLEARS_ABOVE_HOURS = 1.25;

function emptyWithin({ hours }: RuleOf<'empty_within'>, buyer: BuyerFacts, fires: boolean): Judged {
  const { available, burnPerHour, emptyInMinutes, disabled, funded } = buyer;
  if (disabled || !funded) return null;
  const detail = { availableUsdMicros: jsonMicros(available), burnPerHourUsdMicros: jsonMicros(burnPerHour), limitHours: hours };
  // Nothing burns any more since nothing is left: that is no reason to clear.
  if (emptyInMinutes === null) return fires && available <= 0n ? { message: 'nothing is available', detail } : null;
  if (emptyInMinutes >= hours * 60 * (fires ? CLEARS_ABOVE_HOURS : 1)) return null;
  const left = emptyInMinutes <= 0 ? 'empty' : `empty in ${minutesInWords(emptyInMinutes)}`;
  return { message: `${left} at the present burn of ${formatUsdc(burnPerHour, 2)} USDC/h`, detail: { ...detail, emptyInMinutes } };
}

function minutesInWords(minutes: number): string {
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

function spendAbove({ amount }: RuleOf<'spend_above'>, { burnPerHour }: BuyerFacts, fires: boolean): Judged {
  // In whole numbers: 4 × spend > 3 × limit.
  if (fires ? 4n * burnPerHour <= 3n * amount : burnPerHour <= amount) return null;
  const [spent, limit] = twoAmounts(burnPerHour, amount);
  return {
    message: `charged ${spent} USDC in the last 60 minutes, the limit is ${limit}`,
    detail: { burnPerHourUsdMicros: jsonMicros(burnPerHour), limitUsdMicros: jsonMicros(amount) },
  };
}

function shortfall(buyer: BuyerFacts): Judged {
  if (buyer.shortfall === 0n) return null;
  return {
    message: `charges of the last 60 minutes exceeded the balance by ${formatUsdc(buyer.shortfall, 6)} USDC`,
    detail: { shortfallUsdMicros: jsonMicros(buyer.shortfall) },
  };
}

function usageEstimated({ estimated }: BuyerFacts): Judged {
  if (estimated === 0) return null;
  const count = estimated === 1 ? '1 charge was' : `${estimated} charges were`;
  return { message: `${count} estimated in the last 60 minutes, for the upstream did not report the usage`, detail: { estimated } };
}

const CLEARS_BELOW_SHARE = 0.75;

function errorShareAbove({ share: limit, windowMs, least }: RuleOf<'error_share_above'>, { facts, firing }: Evaluation): Finding[] {
  const { requests, errors } = facts.errors.get(windowMs) ?? { requests: 0, errors: 0 };
  const fires = firing.has('gateway');
  if (requests === 0 || (!fires && requests < least)) return [];
  const share = errors / requests;
  if (share <= limit * (fires ? CLEARS_BELOW_SHARE : 1)) return [];
  const message = `${errors} of ${requests} requests (${percent(share)}) broke in the last ${durationInWords(windowMs)}, the limit is ${percent(limit)}`;
  return [{ subject: 'gateway', subjectName: 'gateway', message, detail: { requests, errors, share, limitShare: limit, windowMs } }];
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))}%`;

function durationInWords(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}

/** Fewer failures may be chance. */
const DOWN_FROM_FAULTS = 3;

function upstreamDown({ forMs }: RuleOf<'upstream_down'>, { facts, firing, now }: Evaluation): Finding[] {
  const quiet = now - Math.max(UPSTREAM_QUIET_MS, forMs);
  return (facts.upstreams.get(forMs) ?? []).flatMap((upstream) => {
    const subject = `upstream:${upstream.name}`;
    if (!(firing.has(subject) ? staysDown(upstream, quiet) : isDown(upstream))) return [];
    const { faults, name } = upstream;
    const message = faults === 0 ? 'has answered nothing since' : `all ${faults} requests that ended in the last ${durationInWords(forMs)} failed by its fault`;
    return [{ subject, subjectName: name, message, detail: { faults, forMs } }];
  });
}

const isDown = ({ answered, faults }: UpstreamFacts): boolean => !answered && faults >= DOWN_FROM_FAULTS;
const staysDown = ({ answered, lastEndedAt }: UpstreamFacts, since: number): boolean => !answered && lastEndedAt > since;
