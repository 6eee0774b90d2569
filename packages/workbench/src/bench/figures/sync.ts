import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { whyNoSshd } from '../../ssh/sshd.ts'
import { type Figure, median } from '../figure.ts'
import { roundTripMs, type Stage, startStage, type Took } from '../sync/stage.ts'

const on = 'a line of 50 MB/s and 20 ms'

function figure(id: string, most: number, about: string, measured: (stage: Stage) => Promise<number>): Figure {
  return {
    id,
    goal: { most },
    about,
    skipped: () => (spawnSync('rsync', ['--version']).status === 0 ? whyNoSshd() : 'there is no rsync'),
    measure: async how => {
      await using stage = await startStage(how)
      return await measured(stage)
    },
  }
}

export const sync: Figure[] = [
  figure(
    'sync-first',
    1.1,
    `spoq sync / rsync -a over ssh of 20,001 files with 970 MB to an empty folder, ${on}`,
    first,
  ),
  figure('sync-same', 0.5, `the same once more, when nothing changed`, same),
  figure(
    'sync-edit',
    1,
    `until a saved edit is on the machine, spoq sync --watch / one round trip and 10 ms, ${on}`,
    edit,
  ),
]

interface Round {
  rsync: Took
  spoq: Took
}

async function first(stage: Stage): Promise<number> {
  const rounds: Round[] = []
  for (let round = 0; round < 3; round++) {
    // Each into a folder of its own: some disks make files slowly for minutes after as many were removed.
    stage.rest()
    const rsync = await stage.rsync(`copy-${round}`)
    stage.rest()
    const spoq = await stage.spoq(`copy-${round}`)
    rounds.push({ rsync, spoq })
    tell('sync-first', rounds.slice(-1))
  }
  return ratioOf(rounds)
}

async function same({ rsync, spoq }: Stage): Promise<number> {
  for (let round = 0; round < 2; round++) await Promise.all([rsync('copy'), spoq('copy')])
  const rounds: Round[] = []
  for (let round = 0; round < 9; round++) rounds.push({ rsync: await rsync('copy'), spoq: await spoq('copy') })
  tell('sync-same', rounds)
  return ratioOf(rounds)
}

const ratioOf = (rounds: Round[]) => median(rounds.map(({ rsync, spoq }) => spoq.seconds / rsync.seconds))

/** On stderr: what a ratio is made of. */
function tell(id: string, rounds: Round[]): void {
  const of = (who: keyof Round, what: keyof Took) => median(rounds.map(round => round[who][what])).toFixed(2)
  const side = (who: keyof Round) =>
    `${who} ${of(who, 'seconds')} s (CPU here ${of(who, 'cpuHere')} s, there ${of(who, 'cpuThere')} s)`
  console.error(`${id}: ${side('rsync')}, ${side('spoq')}, load ${loadavg()[0]?.toFixed(1)}`)
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
