// A machine of this provider is a folder: what stands where in it, and how it comes and goes in one step each.

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ConductorConfig, machineId } from '@spoq/contracts/machine'
import { lockFolder } from '@spoq/kit/folder-lock'
import { socketPath } from '@spoq/kit/socket-path'
import type { Local } from './options.ts'

export const folderOf = (local: Local, machine: string) => join(local.machinesDir, machine)
export const logOf = (folder: string) => join(folder, 'conductor.log')
const configOf = (folder: string) => join(folder, 'conductor.json')

/** True for what may be the name of a machine's folder: anything else could lead out of the machines' folder. */
export const isMachine = (ref: string) => machineId.safeParse(ref).success

/** A folder without a configuration is none that a Conductor can start in. */
export const isWhole = (folder: string) => existsSync(configOf(folder))

/** The ids of all machines that have a folder, whole or not. */
export async function machinesIn(local: Local): Promise<string[]> {
  if (!existsSync(local.machinesDir)) return []
  return (await readdir(local.machinesDir)).filter(isMachine)
}

/**
 * Makes a machine's folder, or brings the configuration of the one that is there up to date. A new folder appears
 * whole: it is made under another name first, so that a crash leaves no half of one. The next create goes on there.
 */
export async function makeFolder(local: Local, config: ConductorConfig): Promise<void> {
  const folder = folderOf(local, config.machine)
  const text = `${JSON.stringify(config, null, 2)}\n`
  if (existsSync(folder)) return writeConfig(folder, text)
  const unborn = join(local.machinesDir, `.new-${config.machine}`)
  try {
    await writeConfig(unborn, text)
    await rename(unborn, folder)
  } catch (error) {
    await rm(unborn, { recursive: true, force: true })
    // Another create was faster; what it made is as good as ours.
    if (!isWhole(folder)) throw error
  }
}

async function writeConfig(folder: string, text: string): Promise<void> {
  if (isWhole(folder) && (await readFile(configOf(folder), 'utf8')) === text) return
  await mkdir(join(folder, 'workspace'), { recursive: true, mode: 0o700 })
  const unborn = `${configOf(folder)}.${suffix()}`
  await writeFile(unborn, text, { mode: 0o600 })
  await rename(unborn, configOf(folder))
}

/**
 * Removes a machine's folder, which nobody may be using: its lock is held meanwhile, and it leaves its name before the
 * first file goes, so that a crash leaves no half of it.
 * @throws FolderBusy when a Conductor holds it.
 */
export async function discardFolder(local: Local, machine: string): Promise<void> {
  const folder = folderOf(local, machine)
  const trash = join(local.machinesDir, `.trash-${machine}-${suffix()}`)
  const lock = lockFolder(folder)
  try {
    const sockets = dirname(socketPath(folder, 'local.sock'))
    if (sockets !== folder) await rm(sockets, { recursive: true, force: true })
    await rename(folder, trash)
  } finally {
    lock.release()
  }
  await rm(trash, { recursive: true, force: true })
}

/** Removes what a crash left of folders that were on their way in or out. */
export async function sweep(local: Local): Promise<void> {
  if (!existsSync(local.machinesDir)) return
  for (const name of await readdir(local.machinesDir)) {
    if (name.startsWith('.trash-') || (name.startsWith('.new-') && (await isOld(local, name))))
      // Another sweep may be at the same one, so what is left over is left to the next.
      await rm(join(local.machinesDir, name), { recursive: true, force: true }).catch(() => {})
  }
}

/** A folder on its way in may belong to a create that runs just now. */
async function isOld(local: Local, name: string): Promise<boolean> {
  const made = await stat(join(local.machinesDir, name)).catch(() => null)
  return made !== null && local.now() - made.mtimeMs > 10 * 60_000
}

const suffix = () => randomBytes(4).toString('hex')
