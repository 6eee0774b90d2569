// The script that makes a machine of a server: what it is told, then the same text for all. Pure.

import type { ConductorConfig } from '@spoq/contracts/machine'
import { quoted } from '@spoq/kit/shell-word'
import type { Release } from '../release/open.ts'

export interface ScriptFor {
  machine: string
  name: string
  /** The account whose tokens its Conductor takes at first; null: nobody's yet. */
  owner: string | null
  /** `https://ada.spoq.dev`. */
  endpoint: string
  /** Other addresses that lead to it. */
  alsoAt?: readonly string[]
  /** Where this backend is; whose tokens the machine takes. */
  backend: string
  jwksUrl: string
  release: Pick<Release, 'file' | 'sha256'>
  rescueKey: string
  /** Empty: nothing is reported. */
  token: string
  /** `internal`: a certificate that the server makes itself. */
  tls: 'public' | 'internal'
  /** A copy of the release that is on the server already. */
  releaseFile?: string
  /** On a server that its owner brought: the line that says whose machine it is. */
  marker?: string
}

/** What Hetzner takes at most; the others take more. */
export const largestScript = 32_768

/** @throws Error when it is larger than a provider takes, which is our mistake. */
export function scriptOf(of: ScriptFor, body: string): string {
  const config: ConductorConfig = {
    machine: of.machine,
    members: of.owner === null ? [] : [of.owner],
    issuer: of.backend,
    jwksUrl: of.jwksUrl,
    edge: { socket: '/var/lib/spoq/edge/edge.sock' },
  }
  const told: Record<string, string> = {
    SPOQ_MACHINE: of.machine,
    SPOQ_NAME: of.name,
    SPOQ_SITE: [...new Set([of.endpoint, ...(of.alsoAt ?? [])].map(at => new URL(at).host))].join(', '),
    SPOQ_TLS: of.tls,
    SPOQ_CONFIG: JSON.stringify(config),
    SPOQ_BACKEND: of.backend,
    SPOQ_RELEASE: of.release.file,
    SPOQ_SHA256: of.release.sha256,
    SPOQ_RELEASE_FILE: of.releaseFile ?? '',
    SPOQ_RESCUE_KEY: of.rescueKey,
    SPOQ_SETUP_TOKEN: of.token,
    SPOQ_MARKER: of.marker ?? '',
  }
  const lines = Object.entries(told).map(([name, value]) => `${name}=${quoted(value)}`)
  const script = body.replace(/^#!.*\n/, shebang => `${shebang}${lines.join('\n')}\n`)
  if (Buffer.byteLength(script) > largestScript) throw new Error('the set-up script is larger than a provider takes')
  return script
}

/** One word for a shell, whatever is in it. */
