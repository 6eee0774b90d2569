// A phone without a key: OpenSSH as it is shows an address and three words on a terminal of 40 columns, and the owner of the
// machine lets it in by a browser.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Machine } from '@spoq/contracts/machine'
import { listRecords } from '@spoq/server/audit/list'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Pane, startTerminals, type Terminals } from '../journey/pane.ts'
import { type Nat, type Owner, startNat } from '../tunnel/nat.ts'
import { sshdProgram, whyNoSshd } from './sshd.ts'

describe.skipIf(whyNoSshd())('a phone without a key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-question-'))
  const path = (name: string) => join(folder, name)
  let [nat, ann, ben, machine] = [] as unknown as [Nat, Owner, Owner, Machine]
  let terminals: Terminals
  const panes: Pane[] = []

  beforeAll(async () => {
    const gateway = { GATEWAY_SSH_LISTEN: '127.0.0.1:0', GATEWAY_SSH_KEYS: path('keys') }
    nat = await startNat({ gateway, conductor: { sshd: sshdProgram(folder) } })
    ;[ann, ben] = [await nat.register('ann'), await nat.register('ben')]
    machine = await nat.make(ann)
    writeFileSync(path('known'), `[127.0.0.1]:${nat.ssh()?.port} ${nat.ssh()?.hostKey}\n`)
    terminals = startTerminals()
  }, 180_000)
  afterEach(async () => {
    for (const pane of panes.splice(0)) await pane.press('C-c')
  })
  afterAll(async () => {
    terminals?.close()
    await nat?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const ssh = (who: string) =>
    `ssh -F none -p ${nat.ssh()?.port} -l ${who} -o UserKnownHostsFile=${path('known')} -o StrictHostKeyChecking=yes -o PubkeyAuthentication=no 127.0.0.1`
  /** A terminal of a phone on which somebody connects. */
  const connect = async (who: string, command = '') => {
    const env = { PATH: String(process.env.PATH), HOME: folder, TERM: 'xterm', LANG: 'C.UTF-8' }
    writeFileSync(path('in'), `#!/bin/sh\nexec ${ssh(who)} ${command}\n`, { mode: 0o755 })
    const pane = await terminals.open({ columns: 40, rows: 20, env, directory: folder })
    panes.push(pane)
    await pane.type('clear; ./in; echo it ended $?\n')
    const screen = await pane.shows('Then press Enter:')
    return { pane, screen, words: /^[A-Z]+-[A-Z]+-[A-Z]+$/m.exec(screen)?.[0] ?? '' }
  }
  const decide = (owner: Owner, code: string, decision = 'approve') =>
    nat.ask(owner, 'POST', '/auth/authorize', { code, decision })
  const logins = async (owner: Owner) =>
    (await nat.ask<{ logins: { id: string; name: string }[] }>(owner, 'GET', '/api/logins')).logins
  const records = async () =>
    (await listRecords(nat.backend().database.db, machine.id)).filter(({ action }) => action.startsWith('ssh.'))

  test('three words on a screen of 40 columns, a yes in the browser, and a shell; the session is in the audit', async () => {
    const { pane, screen, words } = await connect(machine.name)
    const page = `${nat.backend().url}/auth/verify`
    expect(screen.split('\n')).toContain(page)
    for (const line of screen.split('\n')) expect(line.length).toBeLessThanOrEqual(40)
    const shown = await fetch(`${page}?code=${words}`, { headers: { cookie: ann.cookie, accept: 'text/html' } })
    expect(await shown.text()).toContain(`SSH sign-in to machine ${machine.name} from 127.0.0.1`)

    await pane.press('Enter')
    await pane.shows('Nobody said yes yet.')
    await decide(ann, words)
    await pane.press('Enter')
    await pane.type('echo in as $((6 * 7)); tty\n')
    await pane.shows(/in as 42\n\/dev\/pts/)
    expect(await logins(ann)).toEqual([
      expect.objectContaining({ name: `SSH to ${machine.name} from 127.0.0.1`, current: false }),
    ])
    await pane.type('exit\n')
    await pane.shows('it ended 0')
    await expect.poll(async () => (await records()).map(({ action }) => action)).toContain('ssh.end')
    expect(await records()).toMatchObject([
      { action: 'ssh.approve', actor: `account:${ann.account}` },
      { action: 'ssh.begin', reason: 'question', credential: expect.stringMatching(/^login_/) },
      { action: 'ssh.end', reason: expect.stringMatching(/^shell, /) },
    ])
    await expect.poll(() => logins(ann)).toEqual([])
  })

  test('another account’s yes lets nobody in, nor does a no; the words are gone then', async () => {
    const { pane, words } = await connect(machine.name)
    await expect(decide(ben, words)).rejects.toThrow('code_expired')
    await pane.press('Enter')
    await pane.shows('Nobody said yes yet.')
    await decide(ann, words, 'deny')
    await pane.press('Enter')
    await pane.shows('Nobody let you in')
    await pane.shows('it ended 255')
    await expect(decide(ann, words)).rejects.toThrow('code_expired')
  })

  test('a name that is nobody’s, and another’s machine, are asked about alike and never opened', async () => {
    const blank = (screen: string) => screen.replace(/[A-Z]+-[A-Z]+-[A-Z]+/, 'WORDS').replace(/\(\S+@/, '(x@')
    const { screen, words } = await connect('nobody')
    await expect(decide(ann, words)).rejects.toThrow('code_expired')
    expect(blank((await connect(machine.name)).screen)).toBe(blank(screen))
  })

  test('who goes away in the middle is not let in by a yes that comes later', async () => {
    const { pane, words } = await connect(machine.name)
    await pane.press('C-c')
    await pane.shows(/\^C\n\$/)
    const { db } = nat.backend().database
    const isOver = async () =>
      (await db.selectFrom('ssh_question').select('over_at').where('words', '=', words).executeTakeFirstOrThrow())
        .over_at !== null
    await expect.poll(isOver).toBe(true)
    await expect(decide(ann, words)).rejects.toThrow('code_expired')
  })

  test('revoking the login that was made of the answer ends the session', async () => {
    const { pane, words } = await connect(machine.name, "'echo in; exec sleep 60'")
    await decide(ann, words)
    await pane.press('Enter')
    await pane.shows(/^in$/m)
    const [login] = await logins(ann)
    await nat.ask(ann, 'POST', `/api/logins/${login?.id}/revoke`)
    await pane.shows('You may no longer be')
    await pane.shows('it ended 255')
  })

  test('without a terminal nobody waits: it is refused at once', async () => {
    const child = spawn('setsid', ['sh', '-c', `exec ${ssh(machine.name)} true`], {
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [err, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect(status).toBe(255)
    expect(err).toContain('Nobody let you in by the words')
  })
})
