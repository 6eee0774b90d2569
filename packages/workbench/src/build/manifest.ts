// oclif.manifest.json: the help, flags and arguments of every command, so that a start need not load them.

import { Plugin } from '@oclif/core/config'
import { commands } from '@spoq/cli/commands'
import { TablePlugin } from '@spoq/cli/table-plugin'

interface Package {
  name: string
  version: string
}

/** The text of the manifest for the commands of the table. */
export async function manifestText({ name, version }: Package, root: string): Promise<string> {
  const table = new TablePlugin({ name, version, oclif: {} }, root, { version, commands: {} }, commands)
  const maker = new ManifestMaker({
    root,
    pjson: table.pjson,
    isRoot: true,
    ignoreManifest: true,
    errorOnManifestCreate: true,
  })
  Object.assign(maker, { findCommand: table.findCommand.bind(table), getCommandIDs: async () => Object.keys(commands) })
  await maker.load()
  return `${JSON.stringify(maker.manifest, null, 2)}\n`
}

/** oclif's own plugin, which makes a manifest while it loads; only where it finds commands is replaced. */
class ManifestMaker extends Plugin {}
