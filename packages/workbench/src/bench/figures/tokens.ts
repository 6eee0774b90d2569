import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startHome } from '../../journey/home.ts'
import { type Figure, median } from '../figure.ts'

/** Tokens the scripted server sends; it counts them out as fast as it is read. */
const tokenCount = 10_000
const rounds = 7

/**
 * Both sides read the same scripted server, in a process of its own, and write the answer to a pipe; the time counts
 * from the start of the asking process to the last byte. (From the first byte on it would say nothing: a flood reaches
 * the command line in one piece.)
 */
export const tokens: Figure = {
  id: 'tokens',
  goal: { least: 0.9 },
  about: `tokens a second, ${tokenCount} of them: CLI + Conductor / the AI SDK alone`,
  measure: async () => {
    const { server, url } = await scriptedServer()
    const home = await startHome()
    try {
      await home.spoq(['model', 'use', 'stand-in', '--url', url])
      const ratios: number[] = []
      for (let round = 0; round <= rounds; round++) {
        const alone = await answerSeconds(spawn(process.execPath, [join(import.meta.dirname, 'sdk-alone.ts'), url]))
        const ours = await answerSeconds(home.start(['ask', 'count', '--no-files']))
        if (round > 0) ratios.push(alone / ours)
      }
      return median(ratios)
    } finally {
      await home.close()
      server.kill('SIGTERM')
    }
  },
}

async function scriptedServer(): Promise<{ server: ChildProcess; url: string }> {
  const server = spawn(process.execPath, [join(import.meta.dirname, 'scripted-server.ts'), String(tokenCount)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(server.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return { server, url: line.toString().trim() }
}

async function answerSeconds(child: ChildProcess): Promise<number> {
  child.stdin?.end()
  const started = performance.now()
  let [last, bytes] = [started, 0]
  child.stdout?.on('data', (chunk: Buffer) => {
    last = performance.now()
    bytes += chunk.length
  })
  let complaint = ''
  child.stderr?.on('data', chunk => {
    complaint += chunk
  })
  const [status] = await once(child, 'close')
  if (status !== 0 || bytes < tokenCount)
    throw new Error(`no whole answer (status ${status}, ${bytes} bytes): ${complaint}`)
  return (last - started) / 1000
}
