import type { SshEntry } from '@spoq/contracts/gateway'
import { SpoqError } from '@spoq/contracts/problem'
import { findMachine } from '../../machine/store.ts'
import { findProfile } from '../../profile/store.ts'
import { begin, placeFor } from '../enter.ts'
import type { SshPorts } from '../ports.ts'
import { findQuestion, takeQuestion } from './store.ts'

/**
 * Begins the session of a question that was answered with yes, once. It has a login of its own, by which its owner sees and
 * ends it. Null: nobody has decided yet.
 * @throws SpoqError `code_expired` for all that lets nobody in any more; those of `enter`
 */
export async function enterByAnswer(
  ports: SshPorts,
  { question, gateway }: { question: string; gateway: string },
): Promise<SshEntry | null> {
  const { db, logins, now } = ports
  const row = await findQuestion(db, question)
  const isOver = !row || row.gateway !== gateway || row.over_at !== null || row.expires_at.getTime() <= now()
  if (isOver || (row.decided_at && !row.account_id)) throw noLonger()
  const { account_id: account, machine_id, profile_id, address } = row
  if (account === null) return null
  // Either may have ended, or changed hands, since the answer.
  const machine = await findMachine(db, machine_id ?? '')
  const profile = await findProfile(db, account, profile_id ?? '')
  if (!machine || machine.account_id !== account || profile?.machine_id !== machine.id) throw noLonger()
  const there = await placeFor(ports, machine, { account, credential: question })
  const place = { account, machine: machine.id, profile: profile.id }
  const { session, credential } = await begin(
    ports,
    place,
    { gateway, address, by: 'question' },
    async (trx, origin) => {
      if (!(await takeQuestion(trx, question, new Date(now())))) throw noLonger()
      const name = `SSH to ${machine.name} from ${address}`
      return logins.begin(trx, { account, client: `ssh:${question}`, name, origin })
    },
  )
  const may = { mayForward: profile.may_forward, mayTty: profile.may_tty }
  return { session, account, machine: machine.id, credential, ...may, ...there }
}

const noLonger = () =>
  new SpoqError('code_expired', { message: 'Nobody let you in by these words.', next: 'Connect again for new ones.' })
