// A server that its owner brings: let in by a pasted line, confirmed, set up over SSH while connections break and the backend
// is killed, used, its key changed, and left as it was.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bed, startBed, whyNoServer } from './bed.ts'

const why = whyNoServer()
let bed: Bed
beforeAll(async () => {
  if (why === null) bed = await startBed()
}, 180_000)
afterAll(() => bed?.[Symbol.asyncDispose]())

/** What of the server is its owner's: names, who may come in, what listens, what is filtered, what sshd does. */
async function ownersPart() {
  const inside = (command: string) => bed.inside(command)
  return {
    files: new Set(
      (
        await inside("find /etc /usr/local /usr/lib /usr/bin /usr/sbin /var/lib /home /root/.ssh -xdev -printf '%p\\n'")
      ).split('\n'),
    ),
    packages: new Set((await inside('dpkg --get-selections | cut -f1')).split('\n')),
    keys: await inside('cat /root/.ssh/authorized_keys; stat -c "%a %U" /root/.ssh /root/.ssh/authorized_keys'),
    users: await inside('cut -d: -f1,3,6 /etc/passwd; cut -d: -f1,4 /etc/group'),
    sshd: await inside('sshd -T | sort; cat /etc/ssh/sshd_config /etc/ssh/sshd_config.d/* 2>/dev/null'),
    rules: await inside('nft list ruleset'),
    listens: await inside('awk \'$4 == "0A" { print $2 }\' /proc/net/tcp /proc/net/tcp6 | sort'),
    root: await inside('getent shadow root'),
  }
}

interface Shown {
  state: string
  stage: string | null
  endpoint: string
  error: unknown
}

async function machine(): Promise<Shown> {
  return (await bed.spoq('machine', 'show', 'ada', '--json')).json<{ machine: Shown }>().machine
}

const without = (all: Set<string>, some: Set<string>) => [...all].filter(one => !some.has(one))

async function until(what: string, there: () => Promise<boolean>, ms = 120_000): Promise<void> {
  const before = Date.now()
  while (!(await there().catch(() => false))) {
    const isOver = (await machine().catch(() => null))?.state === 'failed'
    if (isOver || Date.now() - before > ms)
      throw new Error(
        `${what}: not in ${ms} ms\n${bed.backend.said()}\n${JSON.stringify(await machine().catch(String))}`,
      )
    await sleep(200)
  }
}

const cutConnections = () => bed.inside("pkill -KILL -f '^sshd: root@notty'").catch(() => {})

test.skipIf(why !== null)(
  'it becomes a machine whatever breaks on the way, and is its owner’s again afterwards',
  async () => {
    await bed.inside(
      "nft -f - <<'E'\ntable inet owners { chain input { type filter hook input priority 5; policy accept; tcp dport 9999 drop; }; }\nE",
    )
    const before = await ownersPart()

    const begun = await bed.spoq('provision', '--provider', 'byo', '--address', '10.98.0.1', '--json')
    expect(begun).toMatchObject({ status: 7 })
    const { connection, probe } = begun.json<{
      connection: { id: string; line: string; publicKey: string }
      probe: { state: string; fingerprint: string }
    }>()
    expect(probe.state).toBe('key_missing')
    expect(await bed.inside('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).toContain(probe.fingerprint)
    expect(connection.line).toMatch(new RegExp(`spoq-${connection.id}'$`))

    // Pasted twice it is there once.
    for (const _ of [1, 2]) expect(await bed.inside(connection.line)).toBe('Spoq may come in now.\n')
    expect(await bed.inside('grep -c spoq-conn_ /root/.ssh/authorized_keys')).toBe('1\n')
    const provision = ['provision', '--connection', connection.id, '--name', 'ada', '--no-wait', '--json']
    expect((await bed.spoq(...provision)).json()).toMatchObject({
      probe: { state: 'ready', system: expect.stringMatching(/^debian/) },
    })
    const other = `SHA256:${'A'.repeat(43)}`
    expect((await bed.spoq(...provision, '--fingerprint', other)).json()).toMatchObject({
      error: { code: 'host_key_changed' },
    })
    const made = await bed.spoq(...provision, '--fingerprint', probe.fingerprint)
    expect(made).toMatchObject({ status: 0 })
    expect((await bed.spoq('connection', 'remove', connection.id, '--json')).json()).toMatchObject({
      error: { code: 'connection_in_use' },
    })

    await until('the set-up begins', async () =>
      (await bed.inside('cat /var/log/spoq-set-up.log')).includes('stage: installing'),
    )
    await cutConnections()
    await bed.killBackend()
    await until('the release comes', async () =>
      (await bed.inside('cat /var/log/spoq-set-up.log')).includes('stage: fetching'),
    )
    await cutConnections()
    await until('it runs', async () => (await machine()).state === 'running')
    expect(await bed.inside('ls -d /var/lib/spoq-jobs/set-up-*')).toMatch(/-1\n$/)
    expect(await machine()).toMatchObject({ endpoint: 'https://ada.spoq.test', error: null })
    const asked = await bed.spoq('ask', '--model', 'demo', 'count 3')
    expect(asked.text).toContain('1 2 3')

    // What is its owner's stays as it was while it is a machine, too.
    const during = await ownersPart()
    expect(during.sshd).toBe(before.sshd)
    expect(during.root).toBe(before.root)
    expect(during.rules).toContain(before.rules.trim())
    expect(during.rules).not.toContain('spoq_firewall')

    const keyBefore = await bed.inside('grep spoq-conn_ /root/.ssh/authorized_keys')
    expect(await bed.spoq('connection', 'rotate', '10.98.0.1')).toMatchObject({ status: 0 })
    const keyAfter = await bed.inside('grep spoq-conn_ /root/.ssh/authorized_keys')
    expect(keyAfter.trim().split('\n')).toHaveLength(1)
    expect(keyAfter).not.toBe(keyBefore)

    expect((await bed.spoq('machine', 'stop', 'ada')).status).toBe(0)
    expect(await bed.inside('systemctl is-active spoq-conductor')).toBe('inactive\n')
    expect((await bed.spoq('machine', 'start', 'ada')).status).toBe(0)
    expect((await bed.spoq('ask', '--model', 'demo', 'count 2')).text).toContain('1 2')

    expect(await bed.spoq('machine', 'terminate', 'ada', '--now', '--yes')).toMatchObject({ status: 0 })
    const { files, packages, ...after } = await ownersPart()
    const { files: filesBefore, packages: packagesBefore, ...rest } = before
    expect(after).toEqual(rest)
    const brought = without(packages, packagesBefore).join(' ')
    expect(brought).not.toMatch(/caddy/)
    const ofPackages = new Set(
      (await bed.inside(`dpkg -L ${brought || 'base-files'}`))
        .split('\n')
        .map(name => name.replace(/^\/lib\//, '/usr/lib/')),
    )
    // What a system notes by itself, the links by which a package is started, and folders of other tests on this computer.
    const kept =
      /^\/var\/lib\/(dpkg|apt|systemd|ucf|pam|PackageKit|spoq-[a-z]+-\w{6})(\/|$)|^\/etc\/((passwd|group|shadow|gshadow|subuid|subgid)-$|rc\d.d\/)|\/__pycache__/
    expect(without(files, filesBefore).filter(name => !ofPackages.has(name) && !kept.test(name))).toEqual([])
    expect(without(filesBefore, files).filter(name => !kept.test(name))).toEqual([])
    expect((await bed.spoq('connection', 'list', '--json')).json()).toEqual({ connections: [] })
  },
  240_000,
)
