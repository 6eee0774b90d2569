import { ProviderError, type Resource } from '../provider.ts'
import type { Patience } from './patience.ts'
import { lookUntil } from './wait.ts'

export interface PowerOff {
  look: () => Promise<Resource | null>
  /** Asks its operating system to end. */
  shutDown: () => Promise<void>
  /** Takes the power away. */
  cut: () => Promise<void>
  patience: Pick<Patience, 'shutDownMs' | 'pollMs'>
}

/**
 * Powers a server off: its system is asked first, so that what it has in memory is written. Done when it is off.
 * @throws ProviderError `gone`; `retry` when it is not off in time.
 */
export async function powerOff({ look, shutDown, cut, patience }: PowerOff): Promise<void> {
  const before = await look()
  if (before?.state === 'stopped') return
  if (before?.state === 'running') await shutDown()
  if (await isOff(look, patience)) return
  await cut()
  if (!(await isOff(look, patience))) throw new ProviderError('retry', 'The server does not end.')
}

/** Waits until it is off; false when that takes too long. */
async function isOff(look: PowerOff['look'], { shutDownMs, pollMs }: PowerOff['patience']): Promise<boolean> {
  const times = { pollMs, mostMs: shutDownMs }
  const now = await lookUntil(times, look, seen => seen === null || seen.state === 'stopped')
  if (now === null) throw new ProviderError('gone', 'The provider no longer has this server.')
  return now.state === 'stopped'
}
