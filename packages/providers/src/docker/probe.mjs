// For tests: what somebody inside of a machine tries. `node probe.mjs WHAT …` prints one line a try: what, and how it ended.

import { spawn } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'

const [what, ...rest] = process.argv.slice(2)
const said = (name, result) => console.log(`${name}: ${result}`)

const attempts = {
  /** `ADDRESS:PORT` or a socket file each: what answers there. */
  connect: async (...targets) => {
    for (const target of targets) said(target, await answerOf(target))
  },
  udp: async (host, port) => {
    const { createSocket } = await import('node:dgram')
    const socket = createSocket('udp4')
    const answer = new Promise(resolve => {
      socket.on('message', text => resolve(`answered ${text}`)).on('error', error => resolve(error.code))
      setTimeout(() => resolve('silence'), 1_000)
    })
    socket.connect(Number(port), host, () => socket.send('?', () => {}))
    said(`${host}:${port} udp`, await answer)
    socket.close()
  },
  serve: (port, text) => createServer((_, response) => response.end(text)).listen(Number(port), '::'),
  write: (...files) => {
    for (const file of files)
      said(
        file,
        resultOf(() => writeFileSync(file, 'planted')),
      )
  },
  grow: (file, bytes) =>
    said(
      file,
      resultOf(() => {
        writeFileSync(file, '')
        truncateSync(file, Number(bytes))
      }),
    ),
  fill: (file, megabytes) =>
    said(
      file,
      resultOf(() => writeFileSync(file, Buffer.alloc(Number(megabytes) * 2 ** 20))),
    ),
  /** As many processes as there may be. */
  processes: async most => {
    const all = []
    const failed = []
    for (let at = 0; at < Number(most); at++) {
      try {
        const child = spawn('sleep', ['30'], { stdio: 'ignore' }).on('error', error => failed.push(error.code))
        if (child.pid) all.push(child)
      } catch (error) {
        failed.push(error.code)
      }
      if (failed.length > 0) break
    }
    await new Promise(resolve => setTimeout(resolve, 200))
    for (const child of all) child.kill('SIGKILL')
    said(`${most} processes`, `${all.length} ran, then ${failed[0] ?? 'nothing'}`)
  },
  /** Share of a processor, in percent, that busy loops get. */
  busy: async () => {
    const loop =
      'const end = Date.now() + 2000; while (Date.now() < end); console.log(process.cpuUsage().user + process.cpuUsage().system)'
    const used = await Promise.all(
      [0, 1].map(
        () =>
          new Promise(resolve => {
            const child = spawn(process.execPath, ['-e', loop])
            child.stdout.on('data', text => resolve(Number(text)))
          }),
      ),
    )
    said('busy', Math.round((used[0] + used[1]) / 20_000))
  },
  memory: megabytes => {
    const held = []
    for (let at = 0; at < Number(megabytes); at += 16) held.push(Buffer.alloc(16 * 2 ** 20, 1))
    said(`${megabytes} MB`, `held ${held.length * 16}`)
  },
}

function resultOf(act) {
  try {
    act()
    return 'done'
  } catch (error) {
    return error.code ?? error.message
  }
}

function answerOf(target) {
  const isFile = target.startsWith('/')
  const { hostname, port } = isFile ? {} : new URL(`http://${target}`)
  const to = isFile ? { path: target } : { host: hostname.replace(/[[\]]/g, ''), port: Number(port) || 80 }
  return new Promise(resolve => {
    const socket = connect(to)
    socket.setTimeout(2_000, () => {
      socket.destroy()
      resolve('silence')
    })
    socket.on('error', error => resolve(error.code))
    socket.on('connect', () => {
      socket.destroy()
      const asked = request(isFile ? { socketPath: target, path: '/health' } : { ...to, path: '/' }, response => {
        let text = ''
        response.on('data', piece => (text += piece)).on('end', () => resolve(`answered ${text.slice(0, 40)}`))
      })
      asked.on('error', error => resolve(`connected, ${error.code}`)).end()
    })
  })
}

await attempts[what](...rest)
