// A script that runs on a server to its end, whatever becomes of the connection: started once by its id, in a session of
// its own, its log read by byte offset. Each line is told once and in order.

import { setTimeout as sleep } from 'node:timers/promises'
import { quoted } from '../shell-word/index.ts'
import { type Command, connect, type SshConnection, type SshTarget } from './connect.ts'
import { SshFailed } from './error.ts'
import { outputOf, textOf } from './output.ts'

export interface Job {
  /** Names this run of the script: the same id is never started again on a server. Letters, digits, dashes. */
  id: string
  script: string
  /** Where jobs are kept on the server, each in a folder of its id. */
  folder?: string
}

interface Following {
  onLine: (line: string) => void
  /** Once connected: before the job is started, and again after each break. */
  onConnect?: (connection: SshConnection) => Promise<void>
  signal?: AbortSignal
  /** How long the server may be away in one go, in ms. Default: two minutes. */
  patienceMs?: number
}

/**
 * Runs a job, or follows the one of this id that runs or has run, from its first line on; answers its exit status.
 * @throws SshFailed; `away` only after the server was away for too long, all else at once.
 */
export async function runJob(target: SshTarget, job: Job, following: Following): Promise<number> {
  const { onConnect = async () => {}, patienceMs = 120_000, signal } = following
  const reader = lineReader(following.onLine)
  const folder = quoted(`${job.folder ?? '/var/lib/spoq-jobs'}/${job.id}`)
  let hostKey = target.hostKey
  let away = 0
  for (let breaks = 0; ; breaks++) {
    signal?.throwIfAborted()
    try {
      using connection = await connect({ ...target, hostKey })
      // The server of the first connection is the one of all.
      hostKey = connection.hostKey
      away = 0
      breaks = 0
      using _ = endedBy(signal, connection)
      await onConnect(connection)
      await start(connection, folder, job.script)
      return await follow(connection, folder, reader)
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof SshFailed) || error.kind !== 'away') throw error
      away ||= Date.now()
      if (Date.now() - away > patienceMs) throw error
      await sleep(Math.min(250 * 2 ** Math.min(breaks, 5), 5_000), undefined, { signal })
    }
  }
}

/** What is begun is begun by one: the folder `begun` can be made once. A script that came by half is not begun. */
async function start({ exec }: SshConnection, folder: string, script: string): Promise<void> {
  const runs = 'echo $$ >pid; sh script >log 2>&1 </dev/null; echo $? >status.new; mv status.new status'
  const lines = [
    `umask 077; mkdir -p ${folder} && cd ${folder} || exit 1`,
    '[ ! -d begun ] || { cat >/dev/null; exit 0; }',
    `cat >script.$$ && [ "$(wc -c <script.$$)" -eq ${Buffer.byteLength(script)} ] && mv script.$$ script && : >>log || exit 1`,
    'mkdir begun 2>/dev/null || exit 0',
    `setsid sh -c ${quoted(runs)} >/dev/null 2>&1 </dev/null &`,
    'for n in 1 2 3 4 5 6 7 8 9 10; do [ ! -s pid ] || exit 0; sleep 0.2; done',
  ]
  const { status } = await textOf(await exec(lines.join('\n')), script)
  if (status !== 0) throw new SshFailed('command', 'The script cannot be written on the server: is its disk full?')
}

async function follow({ exec }: SshConnection, folder: string, reader: LineReader): Promise<number> {
  const from = () => `tail -c +${reader.offset + 1}`
  await read(await exec(`cd ${folder} && { ${from()} -f log & ${untilEnded}; kill $!; }`), reader)
  const { text } = await textOf(await exec(`cd ${folder} && cat status`))
  // The status is written after the last line, so now all of them are there.
  await read(await exec(`cd ${folder} && exec ${from()} log`), reader)
  if (!/^\d+\n$/.test(text))
    throw new SshFailed('lost', 'The script was cut off before its end, as by a restart of the server.')
  reader.end()
  return Number(text)
}

/** A process that has ended may be there still, as a zombie, where nobody looks after such. */
const untilEnded = [
  'job=$(cat pid)',
  `while [ ! -e status ] && kill -0 "$job" 2>/dev/null && ! grep -qs '^State:.Z' "/proc/$job/status"`,
  'do sleep 0.2; done',
].join('; ')

function read(command: Command, reader: LineReader): Promise<number> {
  command.channel.end()
  return outputOf(command, reader.take)
}

type LineReader = ReturnType<typeof lineReader>

function lineReader(onLine: (line: string) => void) {
  let rest = Buffer.alloc(0)
  const reader = {
    /** Bytes that came so far. */
    offset: 0,
    take(chunk: Buffer) {
      reader.offset += chunk.length
      rest = Buffer.concat([rest, chunk])
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        onLine(rest.subarray(0, end).toString('utf8'))
        rest = rest.subarray(end + 1)
      }
    },
    end() {
      if (rest.length > 0) onLine(rest.toString('utf8'))
    },
  }
  return reader
}

function endedBy(signal: AbortSignal | undefined, connection: SshConnection): Disposable {
  const end = () => connection[Symbol.dispose]()
  signal?.addEventListener('abort', end)
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', end) }
}
