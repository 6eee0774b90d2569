// The providers that this backend offers, by what its environment has keys for.

import { basename, extname, join } from 'node:path'
import type { ProviderName } from '@spoq/contracts/machine'
import type { ProvisioningProvider } from '@spoq/providers'
import { byoProvider, type Connections } from '@spoq/providers/byo'
import { contaboProvider } from '@spoq/providers/contabo'
import { digitaloceanProvider } from '@spoq/providers/digitalocean'
import { dockerProvider } from '@spoq/providers/docker'
import { hetznerProvider } from '@spoq/providers/hetzner'
import { hostingerProvider } from '@spoq/providers/hostinger'
import { localProvider } from '@spoq/providers/local'
import { vultrProvider } from '@spoq/providers/vultr'
import type { Config } from '../config.ts'
import { scriptBody } from '../setup/open.ts'

/**
 * The first is the default.
 * @param installation what this Spoq's machines are marked with where it shares an account with others.
 * @param connections the servers that owners brought; left out: none are taken.
 */
export function openProviders(
  config: Config,
  installation: string,
  now: () => number,
  connections?: Connections,
): ReadonlyMap<ProviderName, ProvisioningProvider> {
  const { hetzner, digitalocean, vultr, contabo, hostinger } = config.keys
  const ours = { installation, now }
  const opened: (ProvisioningProvider | null)[] = [
    // Beside a PostgreSQL the backend may be far from any owner.
    config.databaseUrl === null ? local(config, now) : null,
    config.docker && dockerProvider({ ...config.docker, ...ours }),
    hetzner && hetznerProvider({ ...hetzner, ...ours }),
    digitalocean && digitaloceanProvider({ ...digitalocean, ...ours }),
    vultr && vultrProvider({ ...vultr, ...ours }),
    contabo && contaboProvider({ ...contabo, ...ours }),
    hostinger && hostingerProvider({ ...hostinger, ...ours }),
    // Without a domain no server can be reached as a machine.
    connections && config.machineDomain !== null
      ? byoProvider({ connections, installation, removal: scriptBody('remove.sh') })
      : null,
  ]
  const offered = opened.filter(provider => provider !== null).map(provider => allowing(provider, config))
  return new Map(offered.map(provider => [provider.name, provider]))
}

/** With what whoever runs this server has made out with it. */
function allowing(provider: ProvisioningProvider, { torrentProviders }: Config): ProvisioningProvider {
  const { name, capabilities } = provider
  if (!torrentProviders.includes(name) || capabilities.workloads.includes('torrent')) return provider
  return { ...provider, capabilities: { ...capabilities, workloads: [...capabilities.workloads, 'torrent'] } }
}

function local(config: Config, now: () => number): ProvisioningProvider {
  const conductor = { node: process.execPath, entry: conductorEntry() }
  return localProvider({ machinesDir: join(config.dataDir, 'machines'), conductor, now })
}

/** The Conductor stands beside this backend: its source beside our source, its bundle beside our bundle. */
function conductorEntry(): string {
  const isSource = extname(import.meta.filename) === '.ts'
  const above = isSource ? join(import.meta.dirname, '..') : import.meta.dirname
  const form = basename(above)
  return join(above, '../../packages/conductor', form, `main${extname(import.meta.filename)}`)
}
