// How a sync looks: progress and what is listed, or a line of JSON each.

import { sizeInWords } from '../backup/show.ts'
import type { Context } from '../context.ts'
import { styled } from '../output.ts'
import { startProgress } from '../progress.ts'
import { oneLine } from '../render/visible.ts'
import { hasContent } from './outgoing.ts'
import type { Planned } from './plan.ts'
import type { SyncResult } from './result.ts'
import type { Stepped } from './small-step.ts'

export interface SyncView {
  step(text: string): void
  /** A file was read here. */
  read(bytes: number): void
  plan(plan: Planned, pull: boolean): void
  bytes(bytes: number): void
  result(result: SyncResult, how: { dryRun: boolean; quiet?: boolean }): void
  /** A few files went over by themselves. */
  stepped(what: Stepped): void
  /** All is the same, and is kept so from now on. */
  watching(): void
  /** The machine does not answer for now. */
  away(why: string): void
  stop(): void
}

/** @param say prints a line of what was done */
export async function syncView(context: Context, say: (line: string) => void = console.log): Promise<SyncView> {
  const progress = await startProgress(context)
  let [files, read, total, sent, shown] = [0, 0, 0, 0, -1]
  let isWatching = false
  const print = (line: object | string) =>
    say(context.json ? JSON.stringify(line) : typeof line === 'string' ? line : '')
  return {
    step: text => progress.step(text),
    read: bytes => {
      files++
      read += bytes
      if (files % 1_000 === 0) progress.step(`Reading: ${files} files, ${sizeInWords(read)}`)
    },
    plan: (plan, pull) => {
      const all = [...plan.here, ...(pull ? [] : plan.there)].filter(hasContent)
      total = all.reduce((sum, { entry }) => sum + entry.size, 0)
      if (all.length > 0) progress.step(`Syncing ${all.length} files, ${sizeInWords(total)}`)
    },
    bytes: bytes => {
      sent += bytes
      const percent = total === 0 ? 0 : Math.floor((sent / total) * 10) * 10
      if (percent !== shown && total > 4 << 20) progress.step(`Syncing ${sizeInWords(total)}: ${percent} %`)
      shown = percent
    },
    result: (result, how) => {
      progress.stop()
      if (context.json) for (const line of jsonLines(result, how.dryRun)) print(line)
      else for (const line of lines(result, how)) print(line)
    },
    stepped: ({ here, there }) => {
      const all = [...here.map(one => [one, 'here'] as const), ...there.map(one => [one, 'there'] as const)]
      for (const [action, side] of all) {
        const path = action.kind === 'put' ? action.entry.path : action.path
        if (context.json) print({ type: action.kind === 'put' ? 'brought' : 'removed', side, path })
        else
          print(
            `${side === 'here' ? 'from' : 'to'} the machine: ${action.kind === 'put' ? '' : 'removed '}${oneLine(path)}`,
          )
      }
    },
    watching: () => {
      progress.stop()
      if (context.json) print({ type: 'watching' })
      else if (!isWatching) console.error('Watching both sides. Ctrl-C ends it.')
      isWatching = true
    },
    away: why => {
      progress.stop()
      if (context.json) print({ type: 'away', why })
      else console.error(`${oneLine(why)} Changes wait until it does.`)
    },
    stop: () => progress.stop(),
  }
}

function* jsonLines(result: SyncResult, dryRun: boolean): Generator<object> {
  const { here, there, conflicts, failed, left } = result
  for (const conflict of conflicts) yield { type: 'conflict', ...conflict }
  for (const one of failed) yield { type: 'failed', ...one }
  yield { type: dryRun ? 'planned' : 'synced', here, there, conflicts: conflicts.length, failed: failed.length, left }
}

function* lines(result: SyncResult, { dryRun, quiet }: { dryRun: boolean; quiet?: boolean }): Generator<string> {
  const { here, there, conflicts, failed, left } = result
  for (const { path, kept, side } of conflicts)
    yield `${styled('yellow', 'both changed')} ${oneLine(path)}: what ${side === 'here' ? 'this computer' : 'the machine'} had is kept as ${oneLine(kept)}`
  for (const { path, why, side } of failed)
    yield `${styled('red', 'not synced')} ${oneLine(path)} (${side === 'here' ? 'here' : 'on the machine'}): ${oneLine(why)}`
  if (left.length > 0 && !quiet) yield styled('dim', `Stays here: ${some(left)}`)
  const said = [moved('to the machine', there), moved('to this computer', here)].filter(Boolean)
  if (said.length > 0) yield `${dryRun ? 'Would bring' : 'Brought'} ${said.join('; ')}.`
  else if (!quiet) yield failed.length > 0 ? 'All else is the same on both sides.' : 'Both sides are the same.'
}

function moved(where: string, { files, bytes, removed }: SyncResult['here']): string {
  const brought = files > 0 ? `${files} ${files === 1 ? 'file' : 'files'} (${sizeInWords(bytes)}) ${where}` : ''
  const gone = removed > 0 ? `${removed} ${removed === 1 ? 'deletion' : 'deletions'} ${where}` : ''
  return [brought, gone].filter(Boolean).join(' and ')
}

const mostNamed = 8

function some(paths: readonly string[]): string {
  const named = paths.slice(0, mostNamed).map(oneLine).join(', ')
  return paths.length > mostNamed ? `${named} and ${paths.length - mostNamed} more` : named
}
