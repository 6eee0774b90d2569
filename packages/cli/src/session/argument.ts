import { string } from '@oclif/core/args'

/** The session that a command is about. Standard input is never read for it. */
export const sessionArgument = {
  session: string({
    required: true,
    ignoreStdin: true,
    description: 'its id, or as much of it as tells it from the others',
  }),
}
