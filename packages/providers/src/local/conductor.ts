// Speaks with the Conductor of a folder: starts it, looks at it, ends it. It is known by the id that it answers on the
// socket of its own folder, and by the folder's lock, which ends with its process; never by a remembered pid.

import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import type { Target } from '@spoq/client/target'
import { type ConductorStatus, showStatus, shutdown } from '@spoq/contracts/status'
import { folderHolder } from '@spoq/kit/folder-lock'
import { socketPath } from '@spoq/kit/socket-path'
import { ProviderError, type Resource } from '../provider.ts'
import { folderOf } from './folder.ts'
import { type Child, launch } from './launch.ts'
import type { Local } from './options.ts'

/** One question and its answer on the local socket, in ms. */
const answerMs = 2_000
const pollMs = 25

/** The resource whose Conductor answers just now; null when none does. */
export async function answering(local: Local, machine: string): Promise<Resource | null> {
  const status = await ask(local, machine, target =>
    call(target, showStatus, { signal: AbortSignal.timeout(answerMs) }),
  )
  return status?.machine === machine ? runningResource(status) : null
}

const runningResource = (status: ConductorStatus): Resource => ({
  ref: status.machine,
  machine: status.machine,
  state: 'running',
  endpoint: status.endpoint,
})

/**
 * Starts the Conductor of a whole folder unless it runs, and waits until it answers.
 * @throws ProviderError with what it said at last when it ends, or does not answer in time.
 */
export async function start(local: Local, machine: string): Promise<Resource> {
  const folder = folderOf(local, machine)
  const patience = AbortSignal.timeout(local.patience.startMs)
  let child: Child | undefined
  while (!patience.aborted) {
    const resource = await answering(local, machine)
    if (resource) {
      // Another start was faster: ours would otherwise come up after all, should that one end in the same moment.
      if (child && child.pid !== folderHolder(folder)?.pid) child.kill()
      return resource
    }
    if (child?.ended && !child.ended.lockWasHeld) throw await failure(child)
    if ((!child || child.ended) && !folderHolder(folder)) child = await launch(local, folder)
    await sleep(pollMs)
  }
  child?.kill()
  throw new ProviderError('retry', `The Conductor does not answer. ${(await child?.lastWords()) ?? ''}`.trim())
}

async function failure(child: Child): Promise<ProviderError> {
  const { ended } = child
  const words = await child.lastWords()
  return new ProviderError(ended?.forGood ? 'refused' : 'retry', `The Conductor ${ended?.how}${words && `: ${words}`}`)
}

/**
 * Ends the Conductor of a folder, if one runs: asks it to, and kills it when it does not go in time.
 * @throws ProviderError when even that does not end it.
 */
export async function stop(local: Local, machine: string): Promise<void> {
  const folder = folderOf(local, machine)
  const first = folderHolder(folder)
  if (!first) return
  const patience = AbortSignal.timeout(local.patience.stopMs)
  for (let asked = false; !patience.aborted; ) {
    if (!asked) asked = await askToEnd(local, machine)
    if (!folderHolder(folder)) return
    await sleep(pollMs)
  }
  // The lock is still held, and by the one that held it all the time: that proves the pid.
  if (folderHolder(folder)?.pid === first.pid) kill(first.pid)
  if (await isFreeSoon(folder)) return
  throw new ProviderError('retry', `The Conductor in ${folder} cannot be ended.`)
}

async function askToEnd(local: Local, machine: string): Promise<boolean> {
  const asked = await ask(local, machine, async target => {
    await call(target, shutdown, { signal: AbortSignal.timeout(answerMs) })
    return true
  })
  return asked ?? false
}

/** It was started as the leader of its own group, so what it started goes with it. */
function kill(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

async function isFreeSoon(folder: string): Promise<boolean> {
  for (let tries = 0; tries < 40; tries++) {
    if (!folderHolder(folder)) return true
    await sleep(pollMs)
  }
  return false
}

/** Asks over the folder's own socket; null when nothing answers there as a Conductor does. */
async function ask<T>(local: Local, machine: string, question: (target: Target) => Promise<T>): Promise<T | null> {
  const folder = folderOf(local, machine)
  // socketPath makes the folder: one that was just removed must not come back by a question.
  if (!existsSync(folder)) return null
  const dispatcher = overSocket(socketPath(folder, 'local.sock'))
  try {
    return await question({
      origin: 'http://conductor',
      dispatcher,
      unreachable: 'machine_unreachable',
      now: local.now,
    })
  } catch {
    return null
  } finally {
    await dispatcher.destroy()
  }
}
