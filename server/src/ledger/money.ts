/** An amount in micro-units as a person reads it: `$12.50`, `-$0.000001`. */
export function dollars(micros: bigint): string {
  const size = micros < 0n ? -micros : micros
  const digits = String(size % 1_000_000n)
    .padStart(6, '0')
    .replace(/0{1,4}$/, '')
  return `${micros < 0n ? '-' : ''}$${size / 1_000_000n}.${digits}`
}
