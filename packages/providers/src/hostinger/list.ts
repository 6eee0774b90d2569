import * as z from 'zod/mini'
import type { Resource } from '../provider.ts'
import type { Hostinger } from './options.ts'
import { isBare, isWiped, machineOf, resourceOf, type Server, server } from './server.ts'
import { endings } from './subscription.ts'

/** Every server of this Spoq. */
export async function list(hostinger: Hostinger): Promise<Resource[]> {
  return told(hostinger, await listServers(hostinger))
}

/** The servers that carry a machine's name. */
export async function find(hostinger: Hostinger, machine: string): Promise<Resource[]> {
  return told(hostinger, await serversOf(hostinger, machine))
}

/** What can be taken over for a machine: not one that was wiped, though it may not be cancelled yet. */
export async function usable(hostinger: Hostinger, machine: string): Promise<Resource[]> {
  const servers = await serversOf(hostinger, machine)
  return told(
    hostinger,
    servers.filter(one => !isWiped(one, hostinger)),
  )
}

async function serversOf(hostinger: Hostinger, machine: string): Promise<Server[]> {
  return (await listServers(hostinger)).filter(one => machineOf(one, hostinger) === machine)
}

async function listServers({ api }: Hostinger): Promise<Server[]> {
  return api.ask(z.array(server), 'GET', '/api/vps/v1/virtual-machines')
}

/** Those that are ours. Contracts are asked for only where they matter: how often one may ask is not documented. */
export async function told(hostinger: Hostinger, servers: readonly Server[]): Promise<Resource[]> {
  const ours = servers.filter(one => machineOf(one, hostinger) !== undefined)
  const endOf = ours.some(one => isBare(one, hostinger)) ? await endings(hostinger) : () => undefined
  return ours.map(one => resourceOf(one, hostinger, endOf)).filter(resource => resource !== null)
}
