// What every row is given: the built programs and node in a folder that all users read, and a machine's folder with
// planted secrets.

import { execFileSync } from 'node:child_process'
import { chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { users } from '../docker/image.ts'

export { users }

const root = resolve(import.meta.dirname, '../../../..')

export interface Stage {
  folder: string
  /** Holds `node`, and the Conductor's bundle with what starts it. */
  programs: string
  remove: () => void
}

export function makeStage(): Stage {
  execFileSync(process.execPath, [join(root, 'packages/workbench/src/build/main.ts')], { stdio: 'inherit' })
  // Not in /tmp: commands have one of their own, in which everything can be written.
  const folder = mkdtempSync('/var/lib/spoq-iso-')
  execFileSync('chmod', ['755', folder])
  const programs = join(folder, 'programs')
  cpSync(join(root, 'packages/conductor/dist'), programs, { recursive: true })
  writeFileSync(join(programs, 'package.json'), '{"type":"module"}')
  cpSync(process.execPath, join(programs, 'node'))
  cpSync(join(import.meta.dirname, 'attempt.mjs'), join(folder, 'attempt.mjs'))
  writeFileSync(join(folder, 'hosts'), '127.0.0.1 localhost\n169.254.169.254 metadata.google.internal\n')
  return { folder, programs, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Secrets beside what the Conductor itself keeps, by their names in the machine's folder; each holds `planted secret`. */
const secrets = ['identity.json', 'ssh_host_ed25519_key']

/**
 * A machine in `place`: `machine` (0700) with its secrets, and its workspace with the tools of the attempts, beside it for
 * two users, else within.
 */
export function makeMachine(place: string, modelUrl: string, shared: boolean): void {
  const [machine, workspace] = [join(place, 'machine'), join(place, shared ? 'workspace' : 'machine/workspace')]
  mkdirSync(machine, { recursive: true })
  mkdirSync(workspace)
  const config = {
    machine: 'mach_0123456789abcdef0123',
    members: [],
    issuer: 'http://127.0.0.1:9',
    jwksUrl: 'http://127.0.0.1:9/jwks',
    edge: { host: '127.0.0.1', port: 4444 },
  }
  writeFileSync(join(machine, 'conductor.json'), JSON.stringify(config))
  for (const name of secrets) writeFileSync(join(machine, name), 'planted secret')
  const choice = { kind: 'openai-compatible', model: 'stand-in', url: modelUrl, key: 'planted-secret-key' }
  writeFileSync(join(machine, 'model.json'), JSON.stringify(choice))
  cpSync(join(import.meta.dirname, 'attempt.mjs'), join(workspace, 'attempt.mjs'))
  // As an ordinary umask leaves them: it is the folder that keeps others out.
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', machine])
  if (shared) symlinkSync('../workspace', join(machine, 'workspace'))
  for (const path of [machine, workspace]) chownAll(path)
  execFileSync('chmod', ['755', place])
  execFileSync('chmod', ['700', machine])
  execFileSync('chmod', [shared ? '2770' : '700', workspace])
}

function chownAll(path: string): void {
  chownSync(path, users.conductor, users.group)
  for (const { name, isLink, isFolder } of readdirSync(path, { withFileTypes: true }).map(entry => ({
    name: entry.name,
    isLink: entry.isSymbolicLink(),
    isFolder: entry.isDirectory(),
  })))
    if (isFolder) chownAll(join(path, name))
    else if (!isLink) chownSync(join(path, name), users.conductor, users.group)
}
