// Installs the packages of the lockfile when they are not there or not those.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
// biome-ignore lint/correctness/useImportExtensions: it takes the declarations beside it for the file
import { patchesHash, patchPackages } from './patch.mjs'

/** Makes node_modules agree with package-lock.json, and with the patches. Two processes at once: the second waits for the first. */
export async function install(root) {
  if (isInstalled(root) && isPatched(root)) return
  const release = await lock(join(root, '.install.lock'))
  try {
    if (!isInstalled(root)) fetchPackages(root)
    try {
      patchPackages(join(root, 'node_modules'))
    } catch {
      // Older patches: what they changed is fetched anew.
      fetchPackages(root)
      patchPackages(join(root, 'node_modules'))
    }
    writeFileSync(patchStamp(root), patchesHash())
  } finally {
    release()
  }
}

function fetchPackages(root) {
  console.error('Setting up: installing packages (the first time only, about a minute) …')
  // Install scripts stay off: an addon may be built for another Node than the one that will load it.
  const { status, stderr } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    },
  )
  if (status !== 0) fail(String(stderr))
  writeFileSync(stampFile(root), lockfileHash(root))
}

function fail(output) {
  console.error(output.trim())
  console.error('The packages could not be installed. Check the network and the disk, then run the same command again.')
  process.exit(6)
}

const stampFile = root => join(root, 'node_modules/.spoq-installed')
const patchStamp = root => join(root, 'node_modules/.spoq-patched')
const lockfileHash = root =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')

const isInstalled = root => says(stampFile(root), lockfileHash(root))
const isPatched = root => says(patchStamp(root), patchesHash())

function says(path, text) {
  try {
    return readFileSync(path, 'utf8') === text
  } catch {
    return false
  }
}

/** A file that only one process can make; one left by a dead process is taken over. */
async function lock(path) {
  for (;;) {
    try {
      const file = openSync(path, 'wx')
      writeFileSync(file, String(process.pid))
      closeSync(file)
      return () => rmSync(path, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!isAlive(readPid(path))) rmSync(path, { force: true })
    else await sleep(300)
  }
}

function readPid(path) {
  try {
    return Number(readFileSync(path, 'utf8')) || process.pid
  } catch {
    return process.pid
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
