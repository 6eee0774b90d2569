// A whole Spoq whose machines are containers on a real Docker Engine: backend, a gateway as a process of its own, and of
// both only what machines are let to reach, by TLS.

import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openProviders } from '@spoq/server/provider/open'
import { type DockerBed, startDockerBed } from '../docker/bed.ts'
import { type Relay, startRelay } from '../docker/relay.ts'
import { type Ran, runSpoq } from '../journey/home.ts'
import { type Nat, type NatOptions, type Owner, startNat } from '../tunnel/nat.ts'

export interface DockerNat extends Nat {
  bed: DockerBed
  /** The command line of an owner, who is on the Engine's computer. */
  spoq(owner: Owner, ...args: string[]): Promise<Ran>
}

/** As machines reach them, on the very host of their Engine. */
const [backend, gateway] = ['10.99.0.1:9443', '10.99.0.1:9444']
const selfSigned =
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=spoq -addext subjectAltName=IP:10.99.0.1'

interface More {
  /** What the gateway's environment says besides. */
  gateway?: NatOptions['gateway']
  /** Adds to the files of the machines' image. */
  image?: (files: string) => void
}

/** Starts it, without a machine. `ports`: what of the backend's outside is another. */
export async function startDockerNat(
  ports: NatOptions['ports'] = {},
  { gateway: ofGateway = {}, image = () => {} }: More = {},
): Promise<DockerNat> {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-reach-'))
  const [pem, trusted] = [join(folder, 'both.pem'), join(folder, 'trusted.pem')]
  execFileSync('openssl', [...selfSigned.split(' '), '-keyout', pem, '-out', trusted], { stdio: 'pipe' })
  appendFileSync(pem, readFileSync(trusted))
  const inImage = '/etc/trusted.pem'
  const add = (files: string) => {
    writeFileSync(join(files, inImage), readFileSync(trusted))
    image(files)
  }
  const bed = await startDockerBed(add, { NODE_EXTRA_CA_CERTS: inImage })
  const relays: Relay[] = []
  const relay = async (address: string, port: number, ...more: string[]) =>
    relays.push(await startRelay(bed.network.enter, address, port, join(folder, `${relays.length}.sock`), ...more))
  try {
    const nat = await startNat({
      ...{ environment: environmentOf(bed), openProviders: dockerAlone },
      ...{ ports, gateway: ofGateway },
    })
    const gatewayPort = Number(new URL(nat.gateway).port)
    await relay(backend, nat.backend().port, pem)
    await relay(gateway, gatewayPort, pem)
    // Names of machines lead here for whoever is on the Engine's computer.
    await relay(`127.0.0.1:${gatewayPort}`, gatewayPort)
    const end = async () => {
      await nat[Symbol.asyncDispose]()
      for (const each of relays) await each.stop()
      await bed.stop()
      rmSync(folder, { recursive: true, force: true })
    }
    const spoq = (owner: Owner, ...args: string[]) =>
      runSpoq(args, {
        environment: { ...nat.environment(owner), NODE_EXTRA_CA_CERTS: trusted },
        within: bed.network.enter,
      })
    return { ...nat, bed, spoq, [Symbol.asyncDispose]: end }
  } catch (error) {
    for (const each of relays) await each.stop()
    await bed.stop()
    throw error
  }
}

const environmentOf = (bed: DockerBed) => ({
  BASE_URL: `https://${backend}`,
  GATEWAY_URL: `https://${gateway}/tunnel`,
  DOCKER_HOST: bed.host,
  DOCKER_IMAGE: bed.image,
  DOCKER_SOCKETS_DIR: bed.socketsDir,
  DOCKER_REACH: `${backend},${gateway}`,
})

const dockerAlone: NatOptions['openProviders'] = (config, installation) => {
  const docker = openProviders(config, installation, Date.now).get('docker')
  if (!docker) throw new Error('docker is not offered')
  // Nobody confirms an address of theirs here.
  return new Map([['docker', { ...docker, capabilities: { ...docker.capabilities, hardware: 'own' as const } }]])
}
