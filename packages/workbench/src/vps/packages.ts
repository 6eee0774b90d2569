// Packages of the distribution that a bare server has, or that the set-up installs on it: fetched once, by apt, with its
// signatures, and never installed on this computer.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { alone } from '../alone.ts'

const cache = resolve(import.meta.dirname, '../../../../node_modules/.cache/spoq-vps')

/** Files of these packages, whether or not this computer has them, and of what else they need. @throws when apt cannot fetch them. */
export function fetchPackages(names: readonly string[]): string[] {
  const folder = join(cache, names.join('+'))
  return alone(folder, () => fetched(folder, names))
}

function fetched(folder: string, names: readonly string[]): string[] {
  const files = () => readdirSync(folder).filter(name => name.endsWith('.deb'))
  mkdirSync(join(folder, 'partial'), { recursive: true })
  const isThere = (name: string) => files().some(file => file.startsWith(`${name}_`))
  if (!names.every(isThere)) {
    const options = [
      '-o',
      `Dir::Cache::archives=${folder}`,
      '-o',
      'Debug::NoLocking=1',
      '-o',
      'APT::Sandbox::User=root',
    ]
    const words = [
      'install',
      '--yes',
      '--quiet',
      '--no-install-recommends',
      '--download-only',
      '--reinstall',
      ...options,
      ...names,
    ]
    try {
      execFileSync('apt-get', words, { stdio: 'pipe' })
    } catch {
      // The lists may be old, or not there at all.
      execFileSync('apt-get', ['update', '--quiet'], { stdio: 'pipe' })
      execFileSync('apt-get', words, { stdio: 'pipe' })
    }
  }
  return files().map(name => join(folder, name))
}
