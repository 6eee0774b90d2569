import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scripts, shells } from '../complete/script/index.ts'
import { folders } from '../data-dir.ts'
import { spoq, temporaryFolder } from '../testing.ts'

test.each(shells)('the script for %s is printed as it is', async shell => {
  expect(await spoq(['completion', shell])).toEqual({ status: 0, stdout: scripts[shell], stderr: '' })
})

test('the help says for each shell how to install it', async () => {
  const { stdout } = await spoq(['completion', '--help'])
  for (const shell of shells) expect(stdout).toContain(`spoq completion ${shell}`)
})

test('bash takes its script', () => {
  expect(spawnSync('bash', ['-n'], { input: scripts.bash, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
})

/** PowerShell itself is not run: this catches a bracket or a quote that was left open, and that the escape came out. */
test('the brackets of the PowerShell script are closed, and its tab is an escape of PowerShell', () => {
  const open: string[] = []
  for (const character of scripts.powershell.replace(/'[^']*'|"[^"]*"|#.*/g, '')) {
    if ('([{'.includes(character)) open.push(character)
    if (')]}'.includes(character)) expect(open.pop()).toBe('([{'[')]}'.indexOf(character)])
  }
  expect(open).toEqual([])
  expect(scripts.powershell).toContain('-split "`t", 2')
})

test('an empty word that a shell cannot pass is said by a flag', async () => {
  expect((await spoq(['complete', '--empty', '--', 'machine'])).stdout).toMatch(/^list\t/m)
  expect((await spoq(['complete', '--', 'machine', ''])).stdout).toMatch(/^list\t/m)
})

test.each([[['ask', '--session', '']], [['machine', 'stop', '']], [['no', 'such', '--thing']], [[]]])(
  'completing %j without a login prints nothing, and no error',
  async words => {
    const { status, stderr } = await spoq(['complete', '--', ...words])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  },
)

test('machines come from what is remembered, without asking anybody', async () => {
  using folder = temporaryFolder()
  mkdirSync(folders.cli(folder.path))
  const machines = [
    { name: 'otter', state: 'running' },
    { name: 'newt\u001b]0;x\u0007', state: 'stopped' },
  ]
  writeFileSync(join(folders.cli(folder.path), 'machines.json'), JSON.stringify({ at: Date.now(), machines }))
  const { stdout } = await spoq(['complete', '--', 'ask', '--machine', 'o'], { SPOQ_DATA_DIR: folder.path })
  expect(stdout).toBe('otter\trunning\n')
})

test('a server that takes the call and says nothing holds the key for a second at most', async () => {
  using folder = temporaryFolder()
  const silent = createServer(() => {})
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as { port: number }
  const environment = { SPOQ_DATA_DIR: folder.path, SPOQ_SERVER: `http://127.0.0.1:${port}`, SPOQ_TOKEN: 'x' }
  const ran = await spoq(['complete', '--', 'machine', 'stop', ''], environment)
  expect(ran).toEqual({ status: 0, stdout: '', stderr: '' })
  silent.close()
})
