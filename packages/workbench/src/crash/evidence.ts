// What is there, whatever the backend says of it: rows, the audit, folders, processes.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MachineState, WantedState } from '@spoq/contracts/machine'
import { folderHolder } from '@spoq/kit/folder-lock'

/** What the database holds of one machine. `changes` comes from a trigger that only this bench installs. */
export interface Rows {
  machine: string
  state: MachineState
  wanted: WantedState
  changes: Change[]
  audit: Change[]
}

export interface Change {
  from: string | null
  to: string | null
}

/** Everything that is wrong with one machine's end state, as sentences; empty when all is well. */
export function wrongs(machinesDir: string, rows: Rows, expected: WantedState): string[] {
  const { machine, state } = rows
  const folders = foldersIn(machinesDir).filter(name => name.includes(machine))
  const pids = conductorsIn(machinesDir).flatMap(conductor => (conductor.folder === machine ? conductor.pid : []))
  const holder = folders.includes(machine) ? folderHolder(join(machinesDir, machine)) : null
  const kept = expected === 'terminated' ? 0 : 1
  const runs = expected === 'running' ? 1 : 0
  return [
    ...(state === expected ? [] : [`it is ${state}, not ${expected}`]),
    ...(folders.length === kept ? [] : [`it has ${folders.length} folders, not ${kept}: ${folders.join(', ')}`]),
    ...(pids.length === runs ? [] : [`it has ${pids.length} Conductors, not ${runs}: ${pids.join(', ')}`]),
    ...(holder?.pid === pids[0] ? [] : ['its lock is not held by its Conductor, or by nobody when it has none']),
    ...wrongAudit(rows),
  ]
}

/** Folders and processes of machines that are not among these. */
export function strays(machinesDir: string, machines: ReadonlySet<string>): string[] {
  return [
    ...foldersIn(machinesDir).flatMap(name => (machines.has(name) ? [] : `the folder ${name} is nobody's`)),
    ...conductorsIn(machinesDir).flatMap(({ folder, pid }) =>
      machines.has(folder) ? [] : `the Conductor ${pid} of ${folder} is nobody's`,
    ),
  ]
}

/** The audit tells every change of a state once, in order, and tells of no other. */
export function wrongAudit({ state, changes, audit }: Rows): string[] {
  const told = audit.filter(({ to }) => to !== null)
  const broken = told.findIndex(({ from }, at) => from !== (at === 0 ? null : told[at - 1]?.to))
  return [
    ...(shown(told) === shown(changes) ? [] : [`the audit tells ${shown(told)}, and there was ${shown(changes)}`]),
    ...(broken < 0 ? [] : [`the audit breaks at record ${broken}: ${shown(told)}`]),
    ...(told.at(-1)?.to === state ? [] : [`the audit ends at ${told.at(-1)?.to}, and it is ${state}`]),
  ]
}

const shown = (changes: Change[]) => changes.map(({ from, to }) => `${from}->${to}`).join(' ')

const foldersIn = (machinesDir: string) => (existsSync(machinesDir) ? readdirSync(machinesDir) : [])

/** The processes that were started on a folder in there, by the system's own table. */
export function conductorsIn(machinesDir: string): { pid: number; folder: string }[] {
  return commands().flatMap(({ pid, command }) => {
    const begin = command.indexOf(`${machinesDir}/`)
    const folder = /^[^\s\0/]+/.exec(command.slice(begin + machinesDir.length + 1))?.[0]
    return begin >= 0 && folder ? { pid, folder } : []
  })
}

/** Every process of this computer; Linux has it in /proc, where `ps` may be missing. */
function commands(): { pid: number; command: string }[] {
  if (existsSync('/proc/self/cmdline'))
    return readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) ? commandOf(Number(name)) : []))
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).trim().split('\n')
  return lines.map(line => ({ pid: Number.parseInt(line, 10), command: line }))
}

function commandOf(pid: number): { pid: number; command: string }[] {
  try {
    return [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }]
  } catch {
    // It ended meanwhile.
    return []
  }
}
