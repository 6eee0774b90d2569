// What each dangerous program does, by its name. A new one is a line in the table.

import type { Program } from './program.ts'
import { isProtected, type Place } from './protected-path.ts'
import type { Command, Word } from './shell.ts'
import { type Verdict, worse } from './verdict.ts'

export interface Seen {
  program: Program
  command: Command
  /** The commands before it in the same line. */
  before: readonly Command[]
  place: Place
  /** The folder it runs in; null when that is only known at run time. */
  folder: string | null
}

const fine: Verdict = { say: 'fine' }
const deny = (why: string): Verdict => ({ say: 'deny', why })
const ask = (why: string): Verdict => ({ say: 'ask', why })

type Check = (seen: Seen) => Verdict

const shells = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'fish', 'mksh'])
const interpreters = new Set([...shells, 'python', 'python3', 'node', 'perl', 'ruby', 'php', 'eval', 'source', '.'])
const downloads = new Set(['curl', 'wget', 'fetch', 'aria2c'])

const checks: Record<string, Check> = {
  rm: seen => (isRecursive(seen) ? removal(seen, paths(seen)) : fine),
  rsync: seen => (words(seen).some(word => word.startsWith('--delete')) ? removal(seen, paths(seen).slice(-1)) : fine),
  chmod: seen => (isRecursive(seen) ? ownership(seen) : fine),
  chown: seen => (isRecursive(seen) ? ownership(seen) : fine),
  chgrp: seen => (isRecursive(seen) ? ownership(seen) : fine),
  mv: seen =>
    paths(seen)
      .slice(0, -1)
      .some(path => touches(seen, path))
      ? deny('It moves a protected folder away.')
      : fine,
  dd: seen =>
    words(seen).some(word => isDevice(word.replace(/^of=/, '')) && word.startsWith('of=')) ? onDevice : fine,
  tee: seen => (words(seen).some(isDevice) ? onDevice : fine),
  cp: seen => (isDevice(words(seen).at(-1) ?? '') ? onDevice : fine),
  shred: seen => (words(seen).some(isDevice) ? onDevice : removal(seen, paths(seen))),
  kill: seen => (words(seen).at(-1) === '-1' && words(seen).length > 1 ? deny('It ends every process.') : fine),
  init: seen => (/^[06]$/.test(words(seen)[0] ?? '') ? power : fine),
  systemctl: seen => (words(seen).some(word => /^(poweroff|reboot|halt|kexec)$/.test(word)) ? power : fine),
  git: gitPush,
  cryptsetup: seen => (words(seen).some(word => /^(luksFormat|erase|luksErase)$/.test(word)) ? onDevice : fine),
}

const power = deny('It stops the machine.')
const onDevice = deny('It writes over a disk.')

const always: [RegExp, Verdict][] = [
  [/^(mkfs(\..+)?|mke2fs|mkswap|wipefs|blkdiscard|sgdisk|sfdisk|fdisk|parted)$/, onDevice],
  [/^(shutdown|reboot|halt|poweroff|killall5)$/, power],
]

/** What a command does at its worst, and the command lines that it holds, which are to be looked at as well. */
export function dangerOf(seen: Seen): { verdict: Verdict; scripts: string[] } {
  const { program, command } = seen
  if (command.writes.some(({ text }) => isDevice(text))) return { verdict: onDevice, scripts: [] }
  const known = always.find(([name]) => name.test(program.name))
  if (known) return { verdict: known[1], scripts: [] }
  const check = Object.hasOwn(checks, program.name) ? checks[program.name] : undefined
  const verdict = check?.(seen) ?? fine
  if (interpreters.has(program.name) || program.name === 'su') return interpreted(seen)
  if (program.name === 'find') return { verdict: worse(verdict, findRemoves(seen)), scripts: findScripts(seen) }
  return { verdict, scripts: [] }
}

const words = ({ program }: Seen) => program.arguments.map(({ text }) => text)

/** `-r` in any form, up to the `--` that ends options. */
function isRecursive(seen: Seen): boolean {
  const all = words(seen)
  const end = all.indexOf('--')
  return (end === -1 ? all : all.slice(0, end)).some(word => /^-[a-zA-Z]*[rR]/.test(word) || /^--rec/.test(word))
}

/** The arguments that are no options. */
function paths({ program }: Seen): Word[] {
  const end = program.arguments.findIndex(({ text }) => text === '--')
  const after = end === -1 ? [] : program.arguments.slice(end + 1)
  const ahead = end === -1 ? program.arguments : program.arguments.slice(0, end)
  return [...ahead.filter(({ text }) => !/^-./.test(text)), ...after]
}

const touches = ({ place, folder }: Seen, word: Word, also?: 'workspace' | 'system') =>
  isProtected(word, folder ?? place.workspace, place, also)

function removal(seen: Seen, targets: readonly Word[]): Verdict {
  const certain = targets.filter(word => !word.dynamic)
  if (certain.some(word => (seen.folder !== null || isAbsolute(word)) && touches(seen, word)))
    return deny('It removes the root, home, the workspace, .git or a folder of the system.')
  if (seen.folder === null && certain.some(word => !isAbsolute(word)))
    return ask('It removes folders, and where is only known when it runs.')
  if (seen.program.fed || targets.some(({ dynamic }) => dynamic))
    return ask('It removes folders, and which is only known when it runs.')
  return fine
}

const isAbsolute = ({ text, home }: Word) => home || text.startsWith('/')

function ownership(seen: Seen): Verdict {
  const targets = paths(seen)
  if (targets.some(word => !word.dynamic && touches(seen, word, 'system')))
    return deny('It changes the permissions of the root, home or a folder of the system.')
  return targets.some(({ dynamic }) => dynamic)
    ? ask('It changes permissions of what is only known when it runs.')
    : fine
}

/** A disk, or the memory; not the harmless ones such as /dev/null. */
const isDevice = (path: string) =>
  /^\/dev\/(sd|hd|vd|xvd|nvme|mmcblk|disk|rdisk|mapper|dm-|loop|md|nbd|mem|kmem|port)/.test(path)

/** `find / -delete`, `find . -exec rm -rf {} +`: what it starts from counts. */
function findRemoves(seen: Seen): Verdict {
  const all = words(seen)
  const expression = all.findIndex(word => /^[-(!]/.test(word) && !/^-[HLPOD]/.test(word))
  const roots = seen.program.arguments.slice(0, expression === -1 ? undefined : expression)
  const tests = all.slice(expression)
  const removes =
    tests.includes('-delete') || tests.some((word, at) => /^-(exec|ok)/.test(word) && removers.has(base(tests[at + 1])))
  if (!removes) return fine
  const narrow = tests.some(word => /^-(i?name|i?path|regex|newer|mtime|size|type|empty|user)/.test(word))
  const systemWide = roots.some(word => touches(seen, word, 'system'))
  if (systemWide || !narrow)
    return removal(seen, roots.length === 0 ? [{ text: '.', dynamic: false, home: false }] : roots)
  return fine
}

const removers = new Set(['rm', 'shred', 'unlink', 'rmdir'])
const base = (path = '') => path.split('/').at(-1) ?? ''

function findScripts(seen: Seen): string[] {
  const all = words(seen)
  return all.flatMap((word, at) => {
    if (!/^-(exec|ok)/.test(word) || !shells.has(base(all[at + 1])) || !/^-\w*c/.test(all[at + 2] ?? '')) return []
    return [all[at + 3] ?? '']
  })
}

/** `sh -c '…'`, `eval …`, `… | sh`, `bash <(curl …)`. */
function interpreted(seen: Seen): { verdict: Verdict; scripts: string[] } {
  const { program, command, before } = seen
  const { name, arguments: given } = program
  const fetched = before.some(({ words }) => words.some(({ text }) => downloads.has(base(text))))
  if (fetched && (command.joint === '|' || shells.has(name) || given.some(({ dynamic }) => dynamic)))
    return { verdict: ask('It runs what it downloads.'), scripts: [] }
  if (name === 'eval') return scriptOf(given, given.map(({ text }) => text).join(' '))
  if (!shells.has(name) && name !== 'su') return { verdict: fine, scripts: [] }
  const at = given.findIndex(({ text }) => /^-\w*c$/.test(text))
  if (at !== -1) return scriptOf(given.slice(at + 1, at + 2), given[at + 1]?.text ?? '')
  if (command.input !== null) return { verdict: fine, scripts: [command.input] }
  if (command.joint === '|') return { verdict: ask('It runs what another command writes.'), scripts: [] }
  return { verdict: fine, scripts: [] }
}

function scriptOf(from: readonly Word[], script: string): { verdict: Verdict; scripts: string[] } {
  if (from.some(({ dynamic }) => dynamic))
    return { verdict: { say: 'unclear', why: 'What it runs is only known when it runs.' }, scripts: [script] }
  return { verdict: fine, scripts: [script] }
}

const defaultBranch = /^(\+|:)?((HEAD|[\w./-]+):)?(refs\/heads\/)?(main|master|trunk|default|develop)$/

/** Force, or deletion, of the branch that others build on. */
function gitPush(seen: Seen): Verdict {
  const all = words(seen)
  const start = all.indexOf('push')
  if (start === -1) return fine
  const rest = all.slice(start + 1)
  const deletes = rest.some(word => /^(-d|--delete)$/.test(word))
  const forces = rest.some(word => /^-[a-zA-Z]*f/.test(word) || /^--force/.test(word))
  const refs = rest.filter(word => !word.startsWith('-')).slice(1)
  if (rest.includes('--mirror') || (forces && rest.includes('--all'))) return deny(pushes)
  const forced = refs.filter(ref => deletes || forces || /^[+:]/.test(ref))
  if (forced.some(ref => defaultBranch.test(ref))) return deny(pushes)
  if (forces && (refs.length === 0 || refs.includes('HEAD') || seen.program.arguments.some(({ dynamic }) => dynamic)))
    return ask('It forces a push, and the branch may be the default one.')
  return fine
}

const pushes = 'It overwrites or deletes the default branch for everybody.'
