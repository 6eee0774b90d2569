import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sendAccess } from './send.ts'

test('a Conductor on this computer is told over its socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-send-'))
  const socket = join(folder, 'edge.sock')
  const heard: (string | undefined)[] = []
  const conductor = createServer((request, response) => {
    heard.push(request.headers.authorization)
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ number: 3 }))
    })
  }).listen(socket)
  await once(conductor, 'listening')
  const snapshot = { number: 3, members: [], revoked: [], revokedTokens: [] }
  expect(await sendAccess({ endpoint: `unix:${socket}`, token: 'one' }, snapshot)).toBe(3)
  expect(heard).toEqual(['Bearer one'])
  conductor.close()
  await once(conductor, 'close')
  await expect(sendAccess({ endpoint: `unix:${socket}`, token: 'one' }, snapshot)).rejects.toMatchObject({
    code: 'machine_unreachable',
  })
  rmSync(folder, { recursive: true })
})
