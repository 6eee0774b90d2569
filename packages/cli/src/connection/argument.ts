import { string } from '@oclif/core/args'

/** A server of the person's own. */
export const connectionArgument = {
  connection: string({ required: true, description: 'its id, or the address of its server', ignoreStdin: true }),
}
