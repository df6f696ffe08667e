const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

export type SinceParse = { readonly ok: true; readonly ms: number } | { readonly ok: false; readonly reason: string };

/**
 * `7d`, `2h`, `30m` before `now`, or an ISO 8601 date or time; UTC unless it has an offset. The result is in
 * milliseconds since 1970.
 */
export function parseSince(text: string, now: number): SinceParse {
  const reason = `"${text}" is not a time: write 30m, 2h, 7d or 2026-11-23T12:00Z (UTC unless it has an offset)`;
  const ago = /^(\d{1,6})([smhdw])$/.exec(text);
  if (ago) return { ok: true, ms: now - Number(ago[1]) * (UNIT_MS[ago[2] as string] as number) };
  const iso = ISO.exec(text);
  if (!iso) return { ok: false, reason };
  const ms = Date.parse(iso[1] !== undefined && iso[4] === undefined ? `${text}Z` : text);
  // Date.parse takes 30 February for 2 March.
  const sameDay = Number.isFinite(ms) && new Date(Date.parse(`${text.slice(0, 10)}T00:00Z`)).toISOString().startsWith(text.slice(0, 10));
  return sameDay ? { ok: true, ms } : { ok: false, reason };
}
