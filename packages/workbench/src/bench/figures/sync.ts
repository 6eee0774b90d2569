import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Figure, median } from '../figure.ts'
import { roundTripMs, type Stage, startStage } from '../sync/stage.ts'

const on = 'a line of 50 MB/s and 20 ms'

function figure(id: string, most: number, about: string, measured: (stage: Stage) => Promise<number>): Figure {
  return {
    id,
    goal: { most },
    about,
    skipped: () => (spawnSync('rsync', ['--version']).status === 0 ? null : 'there is no rsync'),
    measure: async () => {
      const stage = await startStage()
      try {
        return await measured(stage)
      } finally {
        await stage.stop()
      }
    },
  }
}

export const sync: Figure[] = [
  figure('sync-first', 1.1, `spoq sync / rsync -a of 20,001 files with 970 MB to an empty folder, ${on}`, first),
  figure('sync-same', 0.5, `the same once more, when nothing changed`, same),
  figure(
    'sync-edit',
    1,
    `until a saved edit is on the machine, spoq sync --watch / one round trip and 10 ms, ${on}`,
    edit,
  ),
]

async function first({ rsync, spoq }: Stage): Promise<number> {
  const ratios: number[] = []
  for (let round = 0; round < 3; round++) {
    const [theirs, ours] = [await rsync(`copy-${round}`), await spoq(`copy-${round}`)]
    console.error(`sync-first: rsync ${theirs.toFixed(2)} s, spoq ${ours.toFixed(2)} s`)
    ratios.push(ours / theirs)
  }
  return median(ratios)
}

async function same({ rsync, spoq }: Stage): Promise<number> {
  for (let round = 0; round < 2; round++) await Promise.all([rsync('copy'), spoq('copy')])
  const took: [number, number][] = []
  for (let round = 0; round < 9; round++) took.push([await rsync('copy'), await spoq('copy')])
  const [theirs, ours] = [0, 1].map(who => median(took.map(pair => pair[who] as number))) as [number, number]
  console.error(`sync-same: rsync ${theirs.toFixed(2)} s, spoq ${ours.toFixed(2)} s`)
  return median(took.map(([rsyncs, spoqs]) => spoqs / rsyncs))
}

async function edit({ tree, workspace, spoq, watch }: Stage): Promise<number> {
  await spoq('copy')
  await watch('copy')
  const path = 'src-0/part-3/file-321.bin'
  const took: number[] = []
  for (let round = 0; round < 25; round++) {
    await sleep(100 + 7 * round)
    const content = `edit ${round} ${'x'.repeat(2_000)}`
    writeFileSync(join(tree, path), content)
    const began = performance.now()
    while (readFileSync(join(workspace, 'copy', path), 'utf8') !== content) await sleep(1)
    took.push(performance.now() - began)
  }
  console.error(`sync-edit: ${median(took).toFixed(1)} ms`)
  return median(took) / (roundTripMs + 10)
}
