import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startHome } from '../../journey/home.ts'
import { type Figure, median } from '../figure.ts'

/** Tokens the scripted server sends, as fast as it is read. */
const tokenCount = 10_000
const rounds = 15
/** Not counted: the Conductor's code is compiled by then, as the SDK's is by its own warm-ups. */
const warmUps = 4

/**
 * Both sides read the same scripted server, in a process of its own, and write the answer to a pipe. The time is from
 * the moment the question reaches the model to the last byte of the answer, so that neither
 * side's start counts; both are warm.
 */
export const tokens: Figure = {
  id: 'tokens',
  goal: { least: 0.9 },
  about: `tokens a second, ${tokenCount} of them: CLI + Conductor / the AI SDK alone`,
  measure: async () => {
    const model = await scriptedServer()
    const home = await startHome()
    try {
      await home.spoq(['model', 'use', 'stand-in', '--url', model.url])
      const ratios: number[] = []
      for (let round = 0; round < warmUps + rounds; round++) {
        const sdk = spawn(process.execPath, [join(import.meta.dirname, 'sdk-alone.ts'), model.url])
        const alone = (await lastByteAt(sdk)) - model.lastAskedAt()
        const ours = (await lastByteAt(home.start(['ask', 'count', '--no-files']))) - model.lastAskedAt()
        if (round >= warmUps) ratios.push(alone / ours)
      }
      return median(ratios)
    } finally {
      await home.close()
      model.stop()
    }
  },
}

interface Model {
  url: string
  /** When the last question came, in ms since 1970. */
  lastAskedAt(): number
  stop(): void
}

async function scriptedServer(): Promise<Model> {
  const server = spawn(process.execPath, [join(import.meta.dirname, 'scripted-server.ts'), String(tokenCount)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: server.stdout })
  const [url] = (await once(lines, 'line')) as [string]
  let askedAt = Number.NaN
  lines.on('line', line => {
    askedAt = Number(line)
  })
  return { url, lastAskedAt: () => askedAt, stop: () => server.kill('SIGTERM') }
}

/** When a process wrote the last of its answer, in ms since 1970. */
async function lastByteAt(child: ChildProcess): Promise<number> {
  child.stdin?.end()
  let [last, bytes] = [Number.NaN, 0]
  child.stdout?.on('data', (chunk: Buffer) => {
    last = performance.timeOrigin + performance.now()
    bytes += chunk.length
  })
  let complaint = ''
  child.stderr?.on('data', chunk => {
    complaint += chunk
  })
  const [status] = await once(child, 'close')
  if (status !== 0 || bytes < tokenCount)
    throw new Error(`no whole answer (status ${status}, ${bytes} bytes): ${complaint}`)
  return last
}
