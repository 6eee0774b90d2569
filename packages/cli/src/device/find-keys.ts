import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { keysOfAgent } from './ask-agent.ts'
import { keysOf } from './fetch-handle.ts'
import type { Found } from './found.ts'
import { makeKey } from './make-key.ts'
import { keysOfFile } from './read-file.ts'

interface Places {
  sshid?: string | undefined
  github?: string | undefined
  file?: string | undefined
  agent?: boolean
  new?: boolean
}

/** The keys of the one place that is named. @throws SpoqError `handle_failed`, `no_keys`, `key_refused`. */
export async function findKeys(context: Context, places: Places): Promise<Found & { privateFile?: string }> {
  if (places.sshid !== undefined) return keysOf(context, 'sshid', places.sshid)
  if (places.github !== undefined) return keysOf(context, 'github', places.github)
  if (places.file !== undefined) return keysOfFile(places.file.replace(/^~(?=\/)/, homedir()))
  if (places.agent) return keysOfAgent(process.env)
  const { privateFile, ...made } = makeKey(join(homedir(), '.ssh'))
  return { ...made, privateFile }
}
