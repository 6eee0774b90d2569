// Amounts of credit as they cross the wire, and as the ledger has them.

/** Hundredths of a dollar in micro-units. */
export const microsOf = (cents: number): bigint => BigInt(cents) * 10_000n

/** Micro-units as text of dollars: `12.345678`. */
export function dollarText(micros: bigint): string {
  const size = micros < 0n ? -micros : micros
  return `${micros < 0n ? '-' : ''}${size / 1_000_000n}.${String(size % 1_000_000n).padStart(6, '0')}`
}
