// Small changes to packages that wait for their makers: `patches/NAME.patch`, a unified diff from the package's own folder.
// They are made at install, and by the bundler where they were not. A line that is not what the diff says is an error: the
// package is another one then, and the patch has to be looked at.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'patches')

/** All patches: package and file in it -> what is changed. */
export function readPatches() {
  const files = new Map()
  for (const name of readdirSync(folder).sort())
    for (const [file, hunks] of filesOf(readFileSync(join(folder, name), 'utf8')))
      files.set(`${name.replace(/\.patch$/, '')}/${file}`, hunks)
  return files
}

/** One hash of all of them. */
export const patchesHash = () =>
  readdirSync(folder)
    .sort()
    .reduce((hash, name) => hash.update(name).update(readFileSync(join(folder, name))), createHash('sha256'))
    .digest('hex')

/** The text with its changes; as it is where it has them. Throws where it is another text. */
export function patched(text, hunks) {
  const changed = change(text, hunks, '-', '+')
  if (changed !== null) return changed
  if (change(text, hunks, '+', '-') !== null) return text
  throw new Error('A patch does not fit.')
}

/** The text without them; as it is where it has none. */
export const unpatched = (text, hunks) => change(text, hunks, '+', '-') ?? text

/** Changes what stands in a folder of packages; each file is replaced, never written to: others may share it. */
export function patchPackages(packages) {
  for (const [name, hunks] of readPatches()) {
    const path = join(packages, name)
    const text = readFileSync(path, 'utf8')
    const after = patched(text, hunks)
    if (after === text) continue
    const fresh = `${path}.${process.pid}`
    try {
      writeFileSync(fresh, after)
      renameSync(fresh, path)
    } catch (error) {
      rmSync(fresh, { force: true })
      throw error
    }
  }
}

function filesOf(diff) {
  const files = []
  for (const line of diff.split('\n')) {
    const [, path] = /^\+\+\+ b\/(.+)$/.exec(line) ?? []
    const [, from, to] = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line) ?? []
    if (path) files.push([path, []])
    else if (from) files.at(-1)[1].push({ '-': Number(from), '+': Number(to), lines: [] })
    else if (/^[ +-]/.test(line) && !line.startsWith('--- ')) files.at(-1)[1].at(-1).lines.push(line)
  }
  return files
}

/** From the lines of one side to those of the other; null where they are not there. */
function change(text, hunks, from, to) {
  const lines = text.split('\n')
  const out = []
  let at = 0
  for (const hunk of hunks) {
    const start = hunk[from] - 1
    out.push(...lines.slice(at, start))
    at = start
    for (const line of hunk.lines) {
      const [side, rest] = [line[0], line.slice(1)]
      if (side !== to && lines[at++] !== rest) return null
      if (side !== from) out.push(rest)
    }
  }
  return [...out, ...lines.slice(at)].join('\n')
}
