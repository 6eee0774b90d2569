// The last step of `spoq init`: this computer's key may sign in.

import { call } from '@spoq/client/call'
import { type Device, listDevices } from '@spoq/contracts/device'
import type { Machine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { backendTarget } from '../target.ts'
import { confirm } from '../terminal.ts'
import { addKeys } from './add.ts'
import { computerName } from './computer-name.ts'
import { makeKey, sshFolder } from './make-key.ts'
import { ownKeys } from './own-keys.ts'
import { findProfile } from './where.ts'

const later = 'No key of this computer may sign in over SSH yet: spoq device add --new, or --file.'

/** Lets this computer's key sign in to the machine, making one if there is none; asked first. What it came to, in a line. */
export async function addThisComputer(context: Context, machine: Machine): Promise<string> {
  const backend = backendTarget(context)
  const { devices } = await call(backend, listDevices)
  const known = theirs(devices, machine)
  if (known) return `Its key ${known.name} may sign in over SSH.`
  if (!context.terminal.interactive) return later
  const own = ownKeys()[0]
  const message = own
    ? `May this computer's key sign in to ${machine.name} over SSH (${own.file})?`
    : `This computer has no SSH key. Make one in ${sshFolder()}, and let it sign in to ${machine.name}?`
  if (!(await confirm(context.terminal, { message, flag: 'spoq device add', default: true }))) return later
  const keys = own ? [{ key: own.key, name: computerName() }] : makeKey().keys
  return added(context, machine, keys)
}

function theirs(devices: readonly Device[], machine: Machine): Device | undefined {
  const own = new Set(ownKeys().map(({ key }) => key.fingerprint))
  return devices.find(one => one.machine === machine.id && own.has(one.fingerprint))
}

/** What a plan does not allow ends no set-up: all else is there. */
async function added(context: Context, machine: Machine, keys: Parameters<typeof addKeys>[2]): Promise<string> {
  const backend = backendTarget(context)
  try {
    const { id } = await findProfile({ ...context, machine: machine.id }, backend, undefined)
    const [device] = await addKeys(backend, id, keys, { isHere: true })
    return `${device?.name} may sign in over SSH.`
  } catch (error) {
    if (!(error instanceof SpoqError) || !['plan_limit', 'scope_missing'].includes(error.code)) throw error
    return `${error.message} ${error.next}`
  }
}
