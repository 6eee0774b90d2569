// From the words of a command line to the command, and from whatever goes wrong to an exit status.

import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Interfaces } from '@oclif/core'
import type { Config } from '@oclif/core/config'
import { Help, normalizeArgv } from '@oclif/core/help'
import { SpoqError } from '@spoq/contracts/problem'
import { commands } from './commands.ts'
import { report } from './fault.ts'
import { helpOptions, topics } from './help.ts'
import { nearest } from './nearest.ts'
import { quietConfig } from './quiet-oclif.ts'
import { TablePlugin } from './table-plugin.ts'
import { terminalOf } from './terminal.ts'

interface Called {
  /** The folder with package.json and oclif.manifest.json. */
  root: string
  /** The path it was called by; its last part decides between `spoq` and `sparebox`. */
  calledAs: string
}

/** Runs one command line; the exit status goes into `process.exitCode`. Never throws. */
export async function runCli(argv: string[], { root, calledAs }: Called): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreGoneReader)
  const bin = basename(calledAs).startsWith('sparebox') ? 'sparebox' : 'spoq'
  let command: string | undefined
  try {
    const config = await loadConfig(root, bin)
    const [id = '', ...rest] = normalizeArgv(config, argv)
    command = id.replaceAll(':', ' ')
    if (argv[0] === '--version') console.log(config.userAgent)
    else if (argv.length === 0 && hasPerson()) await openChat(config)
    else if (wantsHelp(argv)) await showHelp(config, argv)
    else await config.runCommand(id, rest, find(config, id))
  } catch (error) {
    process.exitCode = report(error, { bin, command, json: wantsJson(argv) })
  }
}

async function loadConfig(root: string, bin: string): Promise<Config> {
  const read = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'))
  const { name, version, description } = read('package.json')
  const pjson = {
    name,
    version,
    description,
    oclif: { bin, binAliases: ['spoq', 'sparebox'], dirname: 'spoq', topicSeparator: ' ', topics, helpOptions },
  } as unknown as Interfaces.PJSON
  const plugin = new TablePlugin(pjson, root, read('oclif.manifest.json'), commands)
  return quietConfig({ root, pjson, plugins: new Map([[name, plugin]]) })
}

function find(config: Config, id: string) {
  const command = config.findCommand(id)
  if (command) return command
  const words = id.replaceAll(':', ' ')
  if (config.findTopic(id)) {
    const verbs = config.commandIDs.filter(name => name.startsWith(`${id}:`)).map(name => name.slice(id.length + 1))
    throw new SpoqError('usage', {
      message: `${config.bin} ${words} needs a verb: ${verbs.join(', ')}.`,
      next: `See ${config.bin} ${words} --help.`,
    })
  }
  const meant = nearest(
    words,
    config.commandIDs.map(name => name.replaceAll(':', ' ')),
  )
  throw new SpoqError('unknown_command', {
    message: `There is no command ${config.bin} ${words}.`,
    next: meant ? `Did you mean ${config.bin} ${meant}?` : `Run ${config.bin} --help for the list.`,
  })
}

/** Without any word, with the word help, or with --help before a `--`. */
function wantsHelp(argv: string[]): boolean {
  return argv.length === 0 || argv[0] === 'help' || before(argv, '--').some(word => word === '--help' || word === '-h')
}

function hasPerson(): boolean {
  const { interactive, animated } = terminalOf(process.env, { yes: false })
  return interactive && animated
}

/** Without any word on a terminal. Who has nothing to chat with yet sees what there is. */
async function openChat(config: Config): Promise<void> {
  try {
    await config.runCommand('chat', [], find(config, 'chat'))
  } catch (error) {
    if (!(error instanceof SpoqError) || error.code !== 'not_signed_in') throw error
    await showHelp(config, [])
  }
}

async function showHelp(config: Config, argv: string[]): Promise<void> {
  const words = argv[0] === 'help' ? argv.slice(1) : argv
  const [id] = normalizeArgv(
    config,
    before(words, '--').filter(word => !word.startsWith('-')),
  )
  if (id && !config.findTopic(id)) find(config, id)
  await new Help(config, helpOptions).showHelp(words.filter(word => word !== '-h'))
}

const wantsJson = (argv: string[]) => before(argv, '--').includes('--json')
const before = (words: string[], word: string) => (words.includes(word) ? words.slice(0, words.indexOf(word)) : words)

/** `spoq --help | head -1`: a reader that has seen enough is no failure. */
function ignoreGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
