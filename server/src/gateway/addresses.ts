// Lists of where gateways are, as the operator writes them: with commas between, each once.

import type { SshPlace } from '@spoq/contracts/ssh'

const mostGateways = 16

/** An IPv6 address stands in brackets. */
const sshForm = /^(\[[0-9a-fA-F:]{2,39}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::([1-9]\d{0,4}))?$/

export const isEachWebAddress = (all: readonly string[]): boolean =>
  isList(all.map(one => (/^https?:/.test(one) && URL.canParse(one) ? new URL(one).href : null)))

export const isEachSshAddress = (all: readonly string[]): boolean =>
  isList(all.map(sshPlaceOf).map(place => place && `${place.host.toLowerCase()} ${place.port}`))

/** `ssh.spoq.dev:2222`; without a port it is SSH's own. Null: it is no address. */
export function sshPlaceOf(text: string): SshPlace | null {
  const [, host = '', port = '22'] = sshForm.exec(text) ?? []
  if (host === '' || Number(port) > 65_535) return null
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

/** Each once, and none that is none. */
const isList = (all: readonly (string | null)[]) =>
  all.length > 0 && all.length <= mostGateways && !all.includes(null) && new Set(all).size === all.length
