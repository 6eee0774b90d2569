import { json, serveHttp } from '@spoq/workbench/stand-ins/http'
import { expect, onTestFinished, test } from 'vitest'
import { followLog } from './log.ts'

const line = (n: number) => ({ n, at: '2026-11-21T10:00:00.000Z', level: 'info', text: `line ${n}` })

test('what comes is printed once, and Ctrl-C ends the looking', async () => {
  const asked: string[] = []
  let press = () => {}
  const answers = [[line(1), line(2)], [], null, [line(3)]]
  const server = await serveHttp(async ({ url }, response) => {
    asked.push(url ?? '')
    const lines = answers.shift()
    // Once it is gone in the middle.
    if (lines === null) return void response.destroy()
    json(response, 200, { lines: lines ?? [] })
  })
  onTestFinished(() => server.stop())
  const target = {
    origin: server.url,
    token: async () => 't',
    unreachable: 'machine_unreachable',
    now: () => 0,
  } as const
  const printed: string[] = []
  const print = (text: string) => {
    printed.push(text)
    if (printed.length === 3) press()
  }
  await followLog(target, { lines: 2, follow: true }, print, listener => {
    press = listener
    return () => {}
  })
  expect(printed).toEqual([1, 2, 3].map(n => `2026-11-21T10:00:00.000Z info line ${n}`))
  expect(asked).toEqual(['/api/log?lines=2', ...Array<string>(3).fill('/api/log?lines=1000&after=2')])
})
