// What an agent's command tries: `node attempt.mjs WHAT …`. Each prints one line a try: what, and how it ended.

import { spawn } from 'node:child_process'
import { linkSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'

const [what, ...rest] = process.argv.slice(2)
const said = (name, result) => console.log(`${name}: ${result}`)
const code = error => error.code ?? error.message

/** One request, over a socket file or to an address. */
function ask(where, method, path, body) {
  const to = where.startsWith('/')
    ? { socketPath: where }
    : { host: new URL(where).hostname.replace(/[[\]]/g, ''), port: new URL(where).port || 80 }
  return new Promise(resolve => {
    const sent = request(
      { ...to, method, path, timeout: 3000, headers: { 'content-type': 'application/json' } },
      answer => {
        let text = ''
        answer
          .on('data', piece => (text += piece))
          .on('end', () => resolve(`HTTP ${answer.statusCode} ${text.slice(0, 60)}`))
      },
    )
    sent.on('timeout', () => sent.destroy(new Error('timeout'))).on('error', error => resolve(code(error)))
    sent.end(body && JSON.stringify(body))
  })
}

function tried(name, act) {
  try {
    said(name, `done ${act() ?? ''}`)
  } catch (error) {
    said(name, code(error))
  }
}

function readAs(name, file) {
  name(file, 'link')
  return readFileSync('link', 'latin1').slice(0, 200)
}

const attempts = {
  /** Answers an approval, by each way in. */
  approve: async (session, approval, ...ways) => {
    for (const way of ways)
      said(way, await ask(way, 'POST', `/api/sessions/${session}/approvals/${approval}`, { decision: 'allow' }))
  },
  /** Leaves something behind that answers what this very session will ask; it takes off all that names it. */
  later: (session, ...ways) => {
    const again = [process.argv[1], 'wait-and-approve', session, ...ways]
    spawn(process.execPath, again, { detached: true, stdio: 'ignore', env: {} }).unref()
    said('left behind', 'a process')
  },
  'wait-and-approve': async (session, ...ways) => {
    for (let tries = 0; tries < 100; tries++) {
      for (const way of ways) {
        const events = await ask(way, 'GET', `/api/sessions/${session}/events`)
        for (const [, approval] of events.matchAll(/"approval":"([^"]+)"/g))
          await ask(way, 'POST', `/api/sessions/${session}/approvals/${approval}`, { decision: 'allow' })
      }
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  },
  connect: async (...ways) => {
    for (const way of ways) said(way, await ask(way, 'GET', '/api/status'))
  },
  /** Reads files by their names, by a link, and through what the system shows of other processes. */
  read: (...files) => {
    for (const file of files) tried(file, () => readFileSync(file, 'latin1').slice(0, 200))
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name) && Number(name) !== process.pid))
      for (const file of [
        `/proc/${pid}/environ`,
        ...files.filter(name => name.startsWith('/')).map(name => `/proc/${pid}/root${name}`),
      ])
        try {
          if (/planted/.test(readFileSync(file, 'latin1'))) said(file, 'done')
        } catch {}
  },
  link: (...files) => {
    for (const file of files) {
      rmSync('link', { force: true })
      tried(`link to ${file}`, () => readAs(symlinkSync, file))
      rmSync('link', { force: true })
      tried(`second name of ${file}`, () => readAs(linkSync, file))
      rmSync('link', { force: true })
    }
  },
  write: (...files) => {
    for (const file of files) tried(file, () => writeFileSync(file, 'planted by a tool'))
  },
  /** Ends, or looks into, whatever is of another user. */
  touch: (...names) => {
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name)))
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
        // Not this command itself, which has the name among its words too.
        if (words.some(word => names.some(name => word !== name && /^\S+$/.test(word) && word.endsWith(name)))) {
          tried(`kill ${pid}`, () => process.kill(Number(pid), 0))
          tried(`open files of ${pid}`, () =>
            readdirSync(`/proc/${pid}/fd`)
              .map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`))
              .join(' '),
          )
        }
      } catch {}
    said('seen', 'all')
  },
  fetch: async (...hosts) => {
    for (const host of hosts)
      said(host, await ask(`http://${host.includes(':') ? `[${host}]` : host}`, 'GET', '/latest/meta-data/'))
  },
}

await attempts[what](...rest)
