// A bare server becomes a machine: ordered by the command line at a real backend, set up by the script of the order, used
// over https through Caddy, killed, restarted and set up once more, by hand and over SSH for another name.

import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runJob } from '@spoq/kit/ssh-job'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../docker/engine.ts'
import { type Bed, startBed, whyNoServer } from './bed.ts'

const why = whyNoServer()
let bed: Bed
let script: string
beforeAll(async () => {
  if (why === null) bed = await startBed({ orders: true })
}, 180_000)
afterAll(() => bed?.[Symbol.asyncDispose]())

const inside = (command: string, user?: string) => bed.inside(command, user)
/** What the command line said, and its status. */
const spoq = async (...args: string[]) => {
  const { text, status } = await bed.spoq(...args)
  return `${text}status ${status}`
}
const order = () => join(bed.folder, 'user-data')

let jobs = 0
/** Runs the script as the server would at its first start. */
async function runScript(text: string, dial = () => bed.server.dial(22)) {
  const lines: string[] = []
  const id = `test-${++jobs}`
  const status = await runJob({ ...bed.target(), dial }, { id, script: text }, { onLine: line => lines.push(line) })
  return { status, lines, log: await inside(`cat /var/lib/spoq-jobs/${id}/log`) }
}

async function answersWithin(ms: number, ask: () => Promise<boolean>): Promise<number> {
  const before = Date.now()
  while (!(await ask().catch(() => false))) {
    if (Date.now() - before > ms) throw new Error(`nothing answers in ${ms} ms`)
    await sleep(100)
  }
  return Date.now() - before
}

test.skipIf(why !== null)(
  'an ordered server becomes a machine that is used over https',
  async () => {
    const ordered = spoq('provision', '--provider', 'hetzner', '--name', 'ada')
    await until(() => existsSync(order()), bed.backend, 'order')
    script = readFileSync(order(), 'utf8')
    expect(Buffer.byteLength(script)).toBeLessThan(32_768)

    // Not the release that was meant: nothing of it is unpacked, and the owner is told at once.
    const forged = await runScript(script.replace(/^SPOQ_SHA256='.{8}/m, "SPOQ_SHA256='00000000"))
    expect(forged.status).toBe(1)
    expect(forged.lines.at(-1)).toMatch(/^failed: fetching the release: the release is not the one that was meant/)
    expect(existsSync(join(bed.server.root, 'usr/lib/spoq'))).toBe(false)
    expect(await ordered).toMatch(/The set-up failed while fetching the release/)

    // Its server is replaced by this very one, which goes on where it was.
    rmSync(order())
    const again = spoq('machine', 'start', 'ada')
    await until(() => existsSync(order()), bed.backend, 'second order')
    script = readFileSync(order(), 'utf8')
    let ways = 0
    const done = await runScript(script, () => {
      const way = bed.server.dial(22)
      // The first connection breaks in the middle.
      if (++ways === 1) setTimeout(() => way.destroy(), 4_000)
      return way
    })
    expect(done.lines.slice(-4)).toEqual([
      'stage: looking whether it answers',
      expect.stringMatching(/^changed: release .*conductor https folders ssh updates welcome$/),
      expect.stringMatching(/^host-key: ssh-ed25519 /),
      'done',
    ])
    expect(done.status).toBe(0)
    expect(`${done.lines.join('\n')}\n`).toBe(done.log)
    expect(await again).toMatch(/status 0$/)

    expect(await spoq('machine', 'show', 'ada', '--json')).toContain('"endpoint":"https://ada.spoq.test"')
    expect(await spoq('ask', '--model', 'demo', 'count 3')).toMatch(/1 2 3[\s\S]*status 0$/)
    expect(await spoq('run', '--', 'sh', '-c', 'id -un; hostname; exit 3')).toMatch(/spoq\nbare\n[\s\S]*status 3$/)
  },
  240_000,
)

test.skipIf(why !== null)(
  'no way through the proxy opens without a token',
  async () => {
    const knocked = await bed.program('knock.ts', 'https://ada.spoq.test')
    expect(knocked.status).toBe(0)
    const answers = knocked.text.trim().split('\n')
    expect(answers.length).toBeGreaterThan(40)
    expect(answers.filter(line => !line.startsWith('401'))).toEqual(['200 GET /health'])
  },
  60_000,
)

test.skipIf(why !== null)(
  'who is logged in on the machine asks without a token; others do not',
  async () => {
    expect(await inside('su - spoq -c "spoq ask --model demo \'count 2\'"')).toContain('1 2')
    expect(await inside('su - spoq -c "sudo -n true"')).toMatch(/password is required|not in the sudoers|not found/)
    const connect = `const s = require('net').connect('/var/lib/spoq/machine/local.sock'); s.on('error', e => console.log(e.code))`
    for (const user of ['spoq-tools', 'nobody', 'caddy'])
      expect(
        await inside(`setpriv --reuid=${user} --regid=nogroup --clear-groups /usr/lib/spoq/bin/node -e "${connect}"`),
      ).toBe('EACCES\n')
    // The welcome is for shells that somebody sits at.
    await inside(
      'install -d -o spoq -g spoq -m 700 /home/spoq/.ssh && install -o spoq -m 600 /root/.ssh/authorized_keys /home/spoq/.ssh/',
    )
    expect(await inside('echo only this', 'spoq')).toBe('only this\n')
    expect(await inside('script -qec "bash -lic true" /dev/null', 'spoq')).toContain('Your personal AI computer')
    expect(await inside('sshd -T')).toMatch(/^permitrootlogin without-password$[\s\S]*^passwordauthentication no$/m)
    expect(await inside('systemctl is-enabled spoq-conductor spoq-firewall caddy')).toBe('enabled\n'.repeat(3))
  },
  60_000,
)

test.skipIf(why !== null)(
  'the Conductor is back within five seconds after it was killed',
  async () => {
    const before = await inside('pgrep -f conductor/main.js')
    await inside('pkill -KILL -f conductor/main.js')
    const health = async () => (await spoq('status')).endsWith('status 0')
    expect(
      await answersWithin(20_000, async () => (await inside('pgrep -f conductor/main.js')) !== before),
    ).toBeLessThan(5_000)
    await answersWithin(20_000, health)
  },
  60_000,
)

test.skipIf(why !== null)(
  'it comes back with the server',
  async () => {
    expect(await inside('systemctl --no-block reboot')).toBe('')
    await answersWithin(60_000, async () => bed.server.boots() === 2).catch(async error => {
      throw new Error(`${error}\n${await inside('systemctl list-jobs; systemctl status --no-pager').catch(String)}`)
    })
    await answersWithin(60_000, async () => (await spoq('status')).endsWith('status 0'))
    await answersWithin(60_000, async () => (await inside('systemctl is-active spoq-conductor')) === 'active\n')
    expect(await inside('nft list tables')).toBe('table inet spoq_metadata\ntable inet spoq_firewall\n')
  },
  150_000,
)

test.skipIf(why !== null)(
  'set up once more, nothing changes',
  async () => {
    const { status, lines } = await runScript(script)
    expect(lines).toContain('changed: nothing')
    expect(lines.at(-1)).toBe('done')
    expect(status).toBe(0)
    const token = /^SPOQ_SETUP_TOKEN='(.+)'$/m.exec(script)?.[1] ?? ''
    expect(token.length).toBeGreaterThan(40)
    expect(await inside('cat /var/log/spoq-set-up.log /var/lib/spoq-jobs/*/log; journalctl --no-pager')).not.toContain(
      token,
    )
    expect(bed.backend.said()).not.toContain(token)
  },
  60_000,
)

test.skipIf(why !== null)(
  'renamed it is set up for its new name, while it answers under the old one and whatever becomes of the backend',
  async () => {
    appendFileSync(join(bed.folder, 'hosts'), '10.98.0.1 bert.spoq.test\n')
    const pids = () => inside('systemctl show --property=MainPID --value spoq-conductor caddy')
    const before = await pids()
    const id = /"id":"(mach_\w+)"/.exec(await spoq('machine', 'show', 'ada', '--json'))?.[1] ?? ''
    const asking = spoq('ask', '--model', 'demo', 'count 60')
    expect(await spoq('machine', 'rename', 'ada', 'bert')).toMatch(/status 0$/)
    const job = `/var/lib/spoq-jobs/set-up-${id.replace('_', '-')}-3`
    await until(() => existsSync(join(bed.server.root, job, 'begun')), bed.backend, 'set-up over SSH')
    await bed.killBackend()
    const isMoved = async () => (await spoq('machine', 'show', 'bert', '--json')).includes('"https://bert.spoq.test"')
    await answersWithin(30_000, isMoved)
    expect(await asking).toMatch(/59 60[\s\S]*status 0$/)
    expect(await spoq('ask', '--model', 'demo', 'count 3')).toMatch(/1 2 3[\s\S]*status 0$/)
    const root = '/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt'
    for (const name of ['ada', 'bert'])
      expect(
        await inside(
          `curl -sS --cacert ${root} --resolve ${name}.spoq.test:443:127.0.0.1 https://${name}.spoq.test/health`,
        ),
      ).toContain('"ok"')
    // Nothing was started anew for it, it ran once, and once more it changes nothing.
    expect(await pids()).toBe(before)
    expect(await inside('ls -d /var/lib/spoq-jobs/set-up-*')).toBe(`${job}\n`)
    expect(await inside(`grep ^changed: ${job}/log`)).toBe('changed: https welcome\n')
    expect((await runScript(await inside(`cat ${job}/script`))).lines).toContain('changed: nothing')
    expect(await inside('cat /var/lib/spoq-jobs/set-up-*/script')).toContain("SPOQ_SETUP_TOKEN=''")
  },
  120_000,
)
