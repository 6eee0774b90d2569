// `spoq ssh-config`: so that plain ssh, and all that use it, know the machines as NAME.spoq.

import { rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { listMachines } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { listProfiles, type Profile } from '@spoq/contracts/profile'
import type { Context } from '../context.ts'
import { rememberMachines } from '../machine/chosen.ts'
import { writePrivately } from '../private-file.ts'
import { backendTarget } from '../target.ts'
import { sshFolder, writeKnownHosts } from './known-hosts.ts'
import { optionsFor } from './options.ts'
import { readText } from './read-text.ts'
import { changeConfig, hostsText, withBlock, withoutBlock } from './user-config.ts'
import { gatewayOf, hostOf } from './way.ts'

export const userConfig = (home = homedir()) => join(home, '.ssh', 'config')
const ownConfig = (context: Context) => join(sshFolder(context), 'config')

/** The machines of now as hosts of ssh. @throws SpoqError `ssh_not_offered` */
export async function readHosts(context: Context): Promise<{ hosts: string[]; text: string }> {
  const backend = backendTarget(context)
  const [{ machines }, gateway, profiles] = await Promise.all([
    call(backend, listMachines),
    gatewayOf(backend),
    profilesOf(backend),
  ])
  rememberMachines(context, backend.origin, machines)
  const knownHosts = writeKnownHosts(context, backend.origin, gateway.hostKeys)
  const others = profiles.filter(({ isDefault }) => !isDefault).map(({ machineName, name }) => `${machineName}+${name}`)
  const names = [...machines.map(({ name }) => name), ...others].sort()
  const hosts = names.map(user => ({ host: hostOf(user), options: optionsFor({ gateway, knownHosts, user }) }))
  return { hosts: hosts.map(({ host }) => host), text: hostsText(hosts) }
}

/** None for a token that may not read them. */
async function profilesOf(backend: Target): Promise<Profile[]> {
  try {
    return (await call(backend, listProfiles)).profiles
  } catch (error) {
    if (error instanceof SpoqError && error.code === 'scope_missing') return []
    throw error
  }
}

/** Writes both files; answers whether anything changed. Our own comes first: what is included is there. */
export function install(context: Context, text: string, config = userConfig()): boolean {
  const own = ownConfig(context)
  const isNew = readText(own) !== text
  if (isNew) writePrivately(own, text)
  return changeConfig(config, before => withBlock(before, own)) || isNew
}

/** Takes it away again; answers whether it was there. */
export function remove(context: Context, config = userConfig()): boolean {
  const was = changeConfig(config, withoutBlock)
  rmSync(ownConfig(context), { force: true })
  return was
}
