import { ProviderError } from '../provider.ts'

/** Refuses, before anything is ordered, a script of more bytes than the provider takes along. */
export function fits(script: string | undefined, mostBytes: number, service: string): void {
  const bytes = Buffer.byteLength(script ?? '')
  if (bytes <= mostBytes) return
  throw new ProviderError('refused', `The set-up script has ${bytes} bytes; ${service} takes ${mostBytes}.`)
}
