// Where the mail about a machine's end leads: its final backup, for who is signed in and has it. The address alone opens nothing.

import type { Backup } from '@spoq/contracts/backup'
import { exportBackup } from '@spoq/contracts/backup'
import { pathOf } from '@spoq/contracts/http'
import { SpoqError } from '@spoq/contracts/problem'
import { html } from 'hono/html'
import type { Authenticate } from '../http/serve.ts'
import { messagePage } from './message.ts'
import { page, redirect } from './page.ts'

/** Where a backup is shown to its owner. */
export const backupPath = (backup: string): string => `/backups/${backup}`

export interface BackupPagePorts {
  authenticate: Authenticate
  signInPath: string
  /** @throws SpoqError `backup_not_found`, also for somebody else's. */
  show: (account: string, backup: string) => Promise<Backup>
}

/** The page at a path; null: there is none. */
export async function backupPage(ports: BackupPagePorts, request: Request): Promise<Response | null> {
  const id = /^\/backups\/([^/]+)$/.exec(new URL(request.url).pathname)?.[1]
  if (request.method !== 'GET' || id === undefined) return null
  const account = await signedIn(ports, request)
  if (account === null) return redirect(`${ports.signInPath}?${new URLSearchParams({ next: backupPath(id) })}`)
  try {
    const backup = await ports.show(account, id)
    return backup.state === 'ready' ? await shown(backup) : await gone()
  } catch (error) {
    if (error instanceof SpoqError && error.code === 'backup_not_found') return gone()
    throw error
  }
}

/** The account of a browser's session; a token is for programs, and they have the routes. */
async function signedIn({ authenticate }: BackupPagePorts, request: Request): Promise<string | null> {
  try {
    const { account, session } = await authenticate(request)
    return session === undefined ? null : account
  } catch (error) {
    if (error instanceof SpoqError && error.code === 'not_signed_in') return null
    throw error
  }
}

const gone = () =>
  messagePage({
    title: 'There is no such backup',
    text: 'It is no longer kept, or it belongs to another account than the one that is signed in here.',
    status: 404,
  })

const shown = ({ id, machine, bytes, sha256, createdAt, expiresAt }: Backup) =>
  page({
    title: 'Your backup',
    body: html`<dl>
<dt>Machine</dt><dd>${machine}</dd>
<dt>Made</dt><dd>${createdAt.slice(0, 16).replace('T', ' ')} UTC</dd>
<dt>Kept until</dt><dd>${expiresAt.slice(0, 10)}</dd>
<dt>Size</dt><dd>${(bytes ?? 0).toLocaleString('en')} bytes</dd>
<dt>SHA-256</dt><dd>${sha256}</dd>
</dl>
<p><a class="button" href="${pathOf(exportBackup.path, { backup: id })}" download="${id}.tar">Download all of it</a></p>
<p class="note">The file is not encrypted: keep it where you alone get. Whether all of it came shows its SHA-256.</p>`,
  })
