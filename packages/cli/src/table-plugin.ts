// oclif with a table instead of its own search: nothing is looked for on the disk at a start.

import type { Interfaces } from '@oclif/core'
import type { Command } from '@oclif/core/command'
import { Plugin } from '@oclif/core/config'
import type { CommandModule } from './commands.ts'

type Manifest = Interfaces.Manifest
type PJSON = Interfaces.PJSON

/** The plugin that holds all commands: their help from the manifest, their code from the table. */
export class TablePlugin extends Plugin {
  readonly #table: Record<string, () => Promise<CommandModule>>

  constructor(pjson: PJSON, root: string, manifest: Manifest, table: Record<string, () => Promise<CommandModule>>) {
    super({ root, pjson, isRoot: true })
    this.#table = table
    this.root = root
    this.pjson = pjson
    this.name = pjson.name
    this.alias = pjson.name
    this.version = pjson.version
    this.type = 'core'
    this.valid = true
    this.isRoot = true
    this.hasManifest = true
    this.moduleType = 'module'
    this.hooks = {}
    this.manifest = manifest
    this.commandIDs = Object.keys(manifest.commands)
    this.commands = Object.values(manifest.commands).map(command => ({
      ...command,
      load: () => this.findCommand(command.id, { must: true }),
    }))
  }

  override async load(): Promise<void> {}

  override findCommand(id: string, options: { must: true }): Promise<Command.Class>
  override findCommand(id: string, options?: { must: boolean }): Promise<Command.Class | undefined>
  override async findCommand(id: string): Promise<Command.Class | undefined> {
    const command = (await this.#table[id]?.())?.default as Command.Class | undefined
    if (command) Object.assign(command, { id, plugin: this })
    return command
  }
}
