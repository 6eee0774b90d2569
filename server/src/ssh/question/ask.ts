import { newId } from '../../db/new-id.ts'
import { whereIs } from '../../name/where.ts'
import { findByName } from '../../profile/store.ts'
import type { SshPorts } from '../ports.ts'
import { addQuestion } from './store.ts'

export interface Question {
  question: string
  /** `BLUE-FISH-TREE` */
  words: string
  /** Where they are typed in. */
  page: string
  /** How long they are good for. */
  seconds: number
}

interface Wish {
  gateway: string
  name: string
  /** Empty: the usual one. */
  profile: string
  address: string
}

/**
 * Begins a question for who has no key. By the same steps also where there is no such machine or profile: then nobody finds
 * anything behind the words.
 * @throws SpoqError `rate_limited`
 */
export async function ask({ db, asking, now }: SshPorts, { gateway, name, profile, address }: Wish): Promise<Question> {
  await asking.count(address)
  const machine = (await whereIs(db, name, now())) ?? ''
  const place = await findByName(db, machine, profile)
  const [question, words, at] = [newId('sshq'), asking.words(), now()]
  await addQuestion(db, {
    ...{ id: question, words, gateway, address, machine_id: place?.machine_id ?? null, profile_id: place?.id ?? null },
    ...{ created_at: new Date(at), expires_at: new Date(at + asking.seconds * 1_000) },
    ...{ account_id: null, decided_at: null, over_at: null },
  })
  return { question, words, page: asking.page, seconds: asking.seconds }
}
