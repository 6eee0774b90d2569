// A machine's own network: one small subnet, one bridge, one machine on it.

import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProviderError } from '../provider.ts'
import { asking, lookedUp, refusalOf, unlessStatus } from './fault.ts'
import { bridgeOf, filtersOf, isOurs, labelsOf, nameOf } from './names.ts'
import type { Engine } from './options.ts'

/** Docker's own choice of subnets ends after about 28 networks: these are chosen here. */
export async function ensureNetwork(engine: Engine, machine: string): Promise<void> {
  const name = nameOf(engine, machine)
  const there = await lookedUp(() => engine.docker.getNetwork(name).inspect())
  if (there && !isOurs(engine, there.Labels, machine))
    throw new ProviderError('refused', `In Docker another network has the name ${name}.`)
  if (there) return
  const taken = new Set(await asking(() => subnets(engine), { isHarmless: true }))
  let variant = 0
  for (const subnet of candidates(engine.pool, name)) {
    if (taken.has(subnet)) continue
    if (await asking(() => madeIn(engine, machine, subnet, bridgeOf(engine, machine, variant++)))) return
  }
  throw new ProviderError('refused', `All networks of ${engine.pool} are in use on the Docker host.`)
}

export const networksOf = (engine: Engine, machine: string) =>
  asking(() => engine.docker.listNetworks({ filters: filtersOf(engine, machine) }), { isHarmless: true })

export async function removeNetwork(engine: Engine, machine: string): Promise<void> {
  for (const { Id } of await networksOf(engine, machine)) {
    const network = engine.docker.getNetwork(Id)
    await asking(() => network.remove().catch(unlessStatus(404)))
  }
}

/** False when somebody else has the subnet (another network, a route of the computer), or the bridge. */
async function madeIn(engine: Engine, machine: string, subnet: string, bridge: string): Promise<boolean> {
  try {
    await engine.docker.createNetwork({
      Name: nameOf(engine, machine),
      CheckDuplicate: true,
      Driver: 'bridge',
      Internal: false,
      EnableIPv6: false,
      IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
      Options: {
        'com.docker.network.bridge.name': bridge,
        'com.docker.network.bridge.enable_icc': 'false',
        'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1',
      },
      Labels: labelsOf(engine, machine),
    })
    return true
  } catch (error) {
    const { message = '' } = refusalOf(error) ?? {}
    if (/already exists|same bridge name/i.test(message)) return surfaces(engine, machine)
    if (/overlap|conflicts with network/i.test(message)) return false
    throw error
  }
}

/** Another create may be at it. An Engine that was killed while it made a network keeps its bridge, and never shows it. */
async function surfaces(engine: Engine, machine: string): Promise<boolean> {
  for (let looks = 0; looks < 5; looks++) {
    if ((await networksOf(engine, machine)).length > 0) return true
    await sleep(200)
  }
  return false
}

async function subnets({ docker }: Engine): Promise<string[]> {
  const networks = await docker.listNetworks()
  return networks.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet ? [Subnet] : [])))
}

/** Each /29 of the pool once, beginning at one that the name says: two creates at once seldom try the same. */
export function* candidates(pool: string, name: string): Generator<string> {
  const [base = '', bits = ''] = pool.split('/')
  const count = 2 ** (29 - Number(bits))
  const first = base.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
  const begin = createHash('sha256').update(name).digest().readUInt32BE() % count
  for (let step = 0; step < count; step++) {
    const address = first + ((begin + step) % count) * 8
    yield `${[24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.')}/29`
  }
}
