// OpenSSH as Debian has it, unpacked into folders of the cache and never installed on this computer: its server, and a client
// that is newer than the one that is here.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { alone } from '../alone.ts'
import { fetchPackages } from '../vps/packages.ts'

const cache = resolve(import.meta.dirname, '../../../../node_modules/.cache/spoq-ssh')

/** The folder in which Debian's sshd and what it needs stand as they would in the root. */
export function serverFolder(): string {
  return unpacked('server', () => fetchPackages(['openssh-server']))
}

/** A folder with `ssh`, `scp` and `sftp` of OpenSSH 10.1 or later, as programs; or why there is none. */
export function newerClient(): { folder: string } | { why: string } {
  try {
    const root = unpacked('newer', fetchNewer)
    const folder = join(root, 'run')
    alone(join(cache, 'run.lock'), () => writePrograms(root, folder))
    execFileSync(join(folder, 'ssh'), ['-V'], { stdio: 'pipe' })
    return { folder }
  } catch (error) {
    return { why: `Debian's newer OpenSSH cannot be had: ${String(error).split('\n')[0]}` }
  }
}

/** Programs that are run by their own loader, with their own libraries. */
function writePrograms(root: string, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu')
  const loader = join(root, 'usr/lib64/ld-linux-x86-64.so.2')
  for (const name of ['ssh', 'scp', 'sftp', 'ssh-keygen', 'ssh-agent', 'ssh-add']) {
    const path = join(folder, name)
    const program = `exec ${loader} --argv0 ${name} --library-path ${libraries} ${root}/usr/bin/${name}`
    if (!existsSync(path)) writeFileSync(path, `#!/bin/sh\n${program} "$@"\n`, { mode: 0o755 })
  }
}

function unpacked(name: string, packages: () => string[]): string {
  const folder = join(cache, name)
  if (!existsSync(folder)) alone(join(cache, `${name}.lock`), () => unpack(folder, packages))
  return folder
}

function unpack(folder: string, packages: () => string[]): void {
  if (existsSync(folder)) return
  const fresh = `${folder}.${process.pid}`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  for (const file of packages()) execFileSync('dpkg-deb', ['-x', file, fresh])
  renameSync(fresh, folder)
}

/** Where this computer has Debian's own packages from. */
function mirror(): string {
  const words = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Label: Debian']
  const [address] = execFileSync('apt-get', words, { encoding: 'utf8' }).split('\n')
  if (!address) throw new Error('apt knows no Debian here')
  return address
}

/** By an apt of its own, which knows Debian's next release alone and nothing that is installed here. */
function fetchNewer(): string[] {
  const folder = join(cache, 'apt')
  for (const path of ['state/lists/partial', 'archives/partial']) mkdirSync(join(folder, path), { recursive: true })
  const key = '/usr/share/keyrings/debian-archive-keyring.gpg'
  writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${key}] ${mirror()} sid main\n`)
  writeFileSync(join(folder, 'status'), '')
  const settings = {
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': folder,
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'APT::Sandbox::User': 'root',
    'APT::Install-Recommends': 'false',
    'Acquire::Languages': 'none',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`)
  writeFileSync(join(folder, 'apt.conf'), lines.join('\n'))
  const apt = (...words: string[]) =>
    execFileSync('apt-get', words, { stdio: 'pipe', env: { ...process.env, APT_CONFIG: join(folder, 'apt.conf') } })
  apt('update', '--quiet')
  apt('install', '--yes', '--download-only', 'openssh-client')
  const archives = join(folder, 'archives')
  return readdirSync(archives)
    .filter(name => name.endsWith('.deb'))
    .map(name => join(archives, name))
}
