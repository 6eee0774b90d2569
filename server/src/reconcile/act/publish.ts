import type { Addresses } from '@spoq/providers/dns'
import { textOf } from '../../log.ts'
import { messageOf, pauseAfter, said } from '../failure.ts'
import { type Step, write } from '../step.ts'

/** Writes the machine's addresses into the DNS. A name that it had before leads to it until the sweep takes it away. */
export async function publish(
  step: Step,
  { name, addresses, text }: { name: string; addresses: Addresses; text: string },
): Promise<void> {
  await told(step, async zone => {
    await zone.publish(name, addresses)
    await write(step, { published: text })
  })
}

/** Takes the machine's name out of the DNS: it is over. */
export async function withdraw(step: Step, { name }: { name: string }): Promise<void> {
  await told(step, async zone => {
    await zone.withdraw(name)
    await write(step, { published: null })
  })
}

type DnsZone = NonNullable<Step['zone']>

/** A DNS that does not answer is asked again; it has no part in how often a machine's start is tried. */
async function told(step: Step, work: (zone: DnsZone) => Promise<void>): Promise<void> {
  const { zone, row, log, now } = step
  if (!zone) return
  try {
    await work(zone)
  } catch (error) {
    log('warn', 'dns.failed', { machine: row.id, error: textOf(error) })
    const next_attempt_at = new Date(now() + pauseAfter(error, 30_000))
    await write(step, { ...said(step, messageOf(error)), next_attempt_at })
  }
}
