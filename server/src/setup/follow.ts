// A set-up over SSH: the same script, started once on its server by an id, its log read from there. Whoever follows it later
// gets all of its log again, so that a backend which dies in the middle loses nothing.

import { quoted } from '@spoq/kit/shell-word'
import { pushFile, runJob, type SshConnection, SshFailed, type SshTarget, textOf } from '@spoq/kit/ssh-job'
import { ProviderError } from '@spoq/providers'
import { faultOf, markerOf } from '@spoq/providers/byo'
import type { MachineRow } from '../db/tables.ts'
import { namesOf } from '../name/names-of.ts'
import { refusal, type SetupPorts, scriptBody } from './open.ts'
import { type ScriptFor, scriptOf } from './script.ts'
import { sshKeyOf } from './ssh-key.ts'
import { listSetups, type SetupRow } from './store.ts'
import { openTeller } from './tell.ts'

export interface Following {
  target: SshTarget
  /** Its owner brought the server: what is theirs stays. */
  isBrought: boolean
  /** Ends it here; on the server it goes on. */
  signal: AbortSignal
  /** What the server is at. What it throws ends the following. */
  onStage: (stage: string) => Promise<void>
}

/** Where jobs and what they need are kept on a server. */
const jobs = '/var/lib/spoq-jobs'
/** How long a server may be away in one go, before the rest is left to the next look, in ms. */
const patienceMs = 30_000

/**
 * Follows a machine's set-up on its server to its end, which is written down as a server's own report is.
 * @throws ProviderError `retry` when the server is away; the signal's reason; what `onStage` threw.
 */
export async function follow(ports: SetupPorts, row: MachineRow, following: Following): Promise<void> {
  const [setUp] = await listSetups(ports.db, [row.id])
  if (!setUp || setUp.done_at !== null) return
  const release = await releaseOf(ports, setUp)
  const formerly = (await namesOf(ports.db, row.id, ports.now())).map(name => ports.endpointOf({ ...row, name }))
  const ours = following.isBrought
    ? { rescueKey: '', marker: markerOf(row.id, ports.installation) }
    : { rescueKey: sshKeyOf(ports.secret, row.id).public }
  const script = scriptOf(
    {
      ...{ machine: row.id, name: row.name, owner: row.account_id, endpoint: setUp.endpoint, backend: ports.issuer },
      ...{ jwksUrl: ports.jwksUrl, release, token: '', tls: ports.tls, ...ours },
      ...{ releaseFile: `${jobs}/${release.file}`, alsoAt: formerly.filter(endpoint => endpoint !== null) },
    },
    scriptBody(),
  )
  const teller = await openTeller(ports, setUp, following.onStage)
  const id = `set-up-${row.id.replace('_', '-')}-${setUp.round}`
  const archive = ports.releases.find(release.file)?.path
  const onConnect = (connection: SshConnection) => bring(connection, id, archive, release.file)
  const signal = AbortSignal.any([following.signal, teller.failed])
  try {
    const status = await (ports.runJob ?? runJob)(
      following.target,
      { id, script },
      { onLine: teller.take, onConnect, signal, patienceMs },
    )
    await teller.end(status, release.file.replace(/\.tar\.gz$/, ''))
  } catch (error) {
    if (!(error instanceof SshFailed)) throw error
    if (error.kind === 'away') throw faultOf(error)
    await teller.fail(error.message)
  } finally {
    await teller.stop()
  }
}

/** A machine keeps the release that it runs: its Conductor need not be started anew. */
async function releaseOf({ releases }: SetupPorts, { release }: SetupRow): Promise<ScriptFor['release']> {
  if (release === null) return releases.current().catch(refusal)
  const file = `${release}.tar.gz`
  const current = await releases.current().catch(() => null)
  return current?.file === file ? current : { file, sha256: '' }
}

/** The release goes along, so that a server which cannot reach this backend gets it too; once the job runs it is there. */
async function bring(connection: SshConnection, id: string, archive: string | undefined, file: string): Promise<void> {
  const unpacked = `/usr/lib/spoq-releases/${file.replace(/\.tar\.gz$/, '')}`
  const { text } = await textOf(
    await connection.exec(
      `umask 077; mkdir -p ${jobs}; [ -d ${jobs}/${quoted(id)}/begun ] || [ -d ${quoted(unpacked)} ] || echo needed`,
    ),
  )
  if (text.trim() !== 'needed') return
  if (archive === undefined) throw new ProviderError('refused', 'The release for machines is missing on this server.')
  await pushFile(connection, archive, `${jobs}/${file}`)
}
