export interface Margin {
  /** Charge less list cost, in micro-USDC. */
  readonly micros: number;
  /** Of the charge; null when nothing was charged. */
  readonly share: number | null;
}

/** What stays of a charge after the list price; negative below list. */
export function marginOf(chargeUsdMicros: number, listCostUsdMicros: number): Margin {
  const micros = chargeUsdMicros - listCostUsdMicros;
  return { micros, share: chargeUsdMicros === 0 ? null : micros / chargeUsdMicros };
}
