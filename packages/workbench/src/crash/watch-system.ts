// Places around what a provider's verb asks of this computer: files, processes, requests to a Conductor.

import childProcess from 'node:child_process'
import diagnostics from 'node:diagnostics_channel'
import files from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import type { Places } from './places.ts'

const watchedFiles = ['mkdir', 'open', 'readFile', 'readdir', 'rename', 'rm', 'stat', 'writeFile'] as const

/** Replaces the functions of Node for the whole process; only calls from within a provider's verb are places. */
export function watchSystem(places: Places): void {
  const all = files as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
  for (const name of watchedFiles) {
    const original = all[name]?.bind(files)
    if (!original) throw new Error(`node:fs/promises has no ${name}`)
    all[name] = (...args) => {
      const verb = places.verb()
      return verb ? places.around(`${verb} > ${name}`, () => original(...args)) : original(...args)
    }
  }
  const spawn = childProcess.spawn.bind(childProcess) as (...args: unknown[]) => never
  childProcess.spawn = ((...args: unknown[]) => {
    const verb = places.verb()
    return verb ? places.aroundNow(`${verb} > spawn`, () => spawn(...args)) : spawn(...args)
  }) as typeof childProcess.spawn
  syncBuiltinESMExports()
  watchRequests(places)
}

/** Only requests that change something: how often a status is asked for depends on the clock. */
function watchRequests(places: Places): void {
  for (const [moment, channel] of Object.entries({ before: 'undici:request:create', after: 'undici:request:headers' }))
    diagnostics.subscribe(channel, message => {
      const { request } = message as { request: { method: string; path: string } }
      const verb = places.verb()
      if (verb && request.method !== 'GET') places.pass(`${moment} ${verb} > ${request.method} ${request.path}`)
    })
}
