// Where a machine is found over SSH, and whom to believe there.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { type SshGateway, showSshGateway } from '@spoq/contracts/ssh'
import { showStatus } from '@spoq/contracts/status'
import type { Context } from '../context.ts'
import { isAsleep } from '../machine/asleep.ts'
import { chosenMachine } from '../machine/chosen.ts'
import { backendTarget, machineTarget } from '../target.ts'
import { answering } from './answering.ts'
import { writeKnownHosts } from './known-hosts.ts'
import { type Option, optionsFor } from './options.ts'

export interface Way {
  /** The machine's name. */
  machine: string
  /** As what ssh knows the machine: `alice.spoq`, which `spoq ssh-config` writes too. */
  host: string
  /** All that ssh has to know, as its own options. */
  options: Option[]
}

/**
 * The way to the machine that is named, or to the only one.
 * @param profile undefined: the usual one
 * @throws SpoqError `ssh_not_offered`, `usage`, and those of `chosenMachine`
 */
export async function wayTo(context: Context, profile: string | undefined): Promise<Way> {
  const named = context.machine?.split('+', 1)[0]
  const asked = profile ?? context.machine?.slice((named ?? '').length + 1)
  if (asked && !/^[a-z0-9][a-z0-9-]{0,63}$/i.test(asked))
    throw new SpoqError('usage', { message: `${asked} is no name of a profile.`, next: 'See spoq ssh --help.' })
  const backend = backendTarget(context)
  const [machine, gateway] = await Promise.all([
    chosenMachine({ ...context, machine: named }, backend, { again: true }),
    gatewayOf(backend).then(reachable),
  ])
  const { id, name } = machine
  // SSH wakes nobody, any other question does.
  if (isAsleep(machine)) await call(await machineTarget({ ...context, machine: id }), showStatus)
  const user = asked ? `${name}+${asked}` : name
  const knownHosts = writeKnownHosts(context, backend.origin, gateway.hostKeys)
  return { machine: name, host: hostOf(name), options: optionsFor({ gateway, knownHosts, user }) }
}

/** By the first of its places that answers; where none does ssh says why. */
async function reachable(gateway: SshGateway): Promise<SshGateway> {
  const { others } = gateway
  return others.length === 0 ? gateway : { ...gateway, ...(await answering([gateway, ...others])) }
}

/** @throws SpoqError `ssh_not_offered` */
export async function gatewayOf(backend: Target): Promise<SshGateway> {
  const { gateway } = await call(backend, showSshGateway)
  if (gateway === null) throw new SpoqError('ssh_not_offered', { message: `${backend.origin} takes no SSH.` })
  return gateway
}

/** A name that no domain has, so that it is ours in everybody's SSH configuration. */
export const hostOf = (machine: string) => `${machine}.spoq`
