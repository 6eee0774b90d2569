// What every command has: the global flags, the context, and errors that reach one place.

import type { Config, Interfaces } from '@oclif/core'
import { Command } from '@oclif/core/command'
import { string } from '@oclif/core/flags'
import { type Context, contextOf, type Flags } from './context.ts'

/** A command of Spoq. It parses and prints; what it does stands in a service beside `commands/`. */
export abstract class SpoqCommand extends Command {
  static override enableJsonFlag = true

  static override baseFlags = {
    server: string({ helpGroup: 'GLOBAL', helpValue: 'URL', description: 'the backend (SPOQ_SERVER)' }),
    machine: string({
      helpGroup: 'GLOBAL',
      helpValue: 'NAME',
      description: 'which machine, if you have several (SPOQ_MACHINE)',
    }),
  }

  /** As oclif's, but the configuration that is given is used as it is instead of being loaded once more. */
  static override async run<T extends Command>(
    this: new (
      argv: string[],
      config: Config,
    ) => T,
    argv: string[] = [],
    config?: Interfaces.LoadOptions,
  ): Promise<ReturnType<T['run']>> {
    const command = new this(argv, config as Config) as unknown as { _run(): Promise<ReturnType<T['run']>> }
    return command._run()
  }

  /** Where this command runs; `flags` are those of `this.parse`. */
  protected context(flags: Flags): Context {
    return contextOf(flags, { bin: this.config.bin, root: this.config.root, env: process.env })
  }

  /** Everything that goes wrong is said in one place: `report` in fault.ts. */
  protected override async catch(error: Error): Promise<never> {
    throw error
  }

  /** One line, so that programs can read line by line. */
  protected override logJson(json: unknown): void {
    console.log(JSON.stringify(json))
  }
}
