import { string } from '@oclif/core/args'

/** The machine that a command is about, before or instead of --machine. Standard input is never read for it. */
export const machineArgument = {
  name: string({ description: 'the name or id of the machine, if you have several', ignoreStdin: true }),
}

/** A snapshot of a machine. */
export const snapshotArguments = {
  name: string({ required: true, description: 'the name or id of the machine', ignoreStdin: true }),
  snapshot: string({ required: true, description: 'the name or id of the snapshot', ignoreStdin: true }),
}
