/** What alerts can watch. */
export const ALERT_KINDS = ['balance_below', 'empty_within', 'spend_above', 'error_share_above', 'shortfall', 'upstream_down', 'usage_estimated'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
