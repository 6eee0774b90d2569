// The image of a machine, laid out as the Dockerfile beside this lays it out, without a registry: from this computer's own
// programs and their libraries. It has no git, python3 and curl.

import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { build } from '../build/build.ts'

const root = resolve(import.meta.dirname, '../../../..')

/** As in the Dockerfile. */
export const users = { conductor: 64_301, tools: 64_302, group: 64_303 }

/** Builds the bundles and an image of them on an Engine. `more` adds to its files before; `env` to what its programs are told. */
export async function importImage(
  socket: string,
  name: string,
  more: (files: string) => void = () => {},
  env: Record<string, string> = {},
) {
  await build(root)
  const files = mkdtempSync(join(tmpdir(), 'spoq-image-'))
  try {
    layOut(files)
    more(files)
    const engine = `docker --host unix://${socket}`
    const changes = Object.entries({ PATH: path, ...env }).map(([name, value]) => `--change 'ENV ${name}=${value}'`)
    const command = `tar -C "$1" -c . | ${engine} import ${changes.join(' ')} - "$2"`
    execFileSync('sh', ['-c', command, 'sh', files, name])
  } finally {
    rmSync(files, { recursive: true })
  }
}

const path = '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const folders = ['bin', 'usr/bin', 'usr/sbin', 'usr/local/bin', 'etc', 'tmp', 'proc', 'dev', 'sys', 'run/spoq']

/** busybox, a shell, node, setpriv, nft, their libraries, the Conductor, two users, and what a new volume begins with. */
function layOut(files: string): void {
  for (const folder of folders) mkdirSync(join(files, folder), { recursive: true })
  copyFileSync('/bin/busybox', join(files, 'bin/busybox'))
  execFileSync('chroot', [files, '/bin/busybox', '--install', '-s', '/bin'])
  // Its own shell would take its own setpriv, which knows no users.
  for (const name of ['bin/sh', 'bin/setpriv']) rmSync(join(files, name))
  const programs = { '/bin/sh': 'bin/sh', '/usr/bin/setpriv': 'usr/bin/setpriv', '/usr/sbin/nft': 'usr/sbin/nft' }
  for (const [program, to] of Object.entries({ ...programs, [process.execPath]: 'usr/local/bin/node' })) {
    copyFileSync(program, join(files, to))
    copyLibraries(program, files)
  }
  const lib = join(files, 'usr/lib/spoq')
  cpSync(join(root, 'packages/conductor/dist'), lib, { recursive: true })
  writeFileSync(join(lib, 'package.json'), '{"type":"module"}')
  writeFileSync(join(files, 'etc/passwd'), passwd())
  writeFileSync(join(files, 'etc/group'), `root:x:0:\nspoq-work:x:${users.group}:\n`)
  writeFileSync(join(files, 'etc/shadow'), 'root:planted secret\n', { mode: 0o600 })
  execFileSync('chmod', ['755', files])
  execFileSync('chmod', ['1777', join(files, 'tmp')])
  home(join(files, 'var/lib/spoq'))
}

export const passwd = () =>
  `root:x:0:0::/:/bin/sh
spoq:x:${users.conductor}:${users.group}::/var/lib/spoq:/bin/sh
spoq-tools:x:${users.tools}:${users.group}::/var/lib/spoq/workspace:/bin/sh
`

function home(folder: string): void {
  const { conductor, group } = users
  for (const [name, mode] of Object.entries({ machine: '700', workspace: '2770' })) {
    mkdirSync(join(folder, name), { recursive: true })
    lchownSync(join(folder, name), conductor, group)
    execFileSync('chmod', [mode, join(folder, name)])
  }
  symlinkSync('../workspace', join(folder, 'machine/workspace'))
  lchownSync(join(folder, 'machine/workspace'), conductor, group)
}

/** Copies a program's libraries; those that stand below `root` stand there as they would in the root itself. */
export function copyLibraries(program: string, files: string, root = ''): void {
  const env = root === '' ? process.env : { ...process.env, LD_LIBRARY_PATH: join(root, 'usr/lib/x86_64-linux-gnu') }
  for (const [library] of execFileSync('ldd', [program], { encoding: 'utf8', env }).matchAll(/\/\S+(?= \()/g)) {
    const place = join(files, root !== '' && library.startsWith(root) ? library.slice(root.length) : library)
    mkdirSync(dirname(place), { recursive: true })
    copyFileSync(library, place)
  }
}
