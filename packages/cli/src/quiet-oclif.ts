// What oclif does at every start for things that Spoq does not have: a log for its own debugging, a theme file.

import type { Interfaces } from '@oclif/core'
import { Config } from '@oclif/core/config'

/** oclif's logger loads a colour library to write nothing. With DEBUG set it is left as it is. */
function silentLogger(): Interfaces.Logger {
  const nothing = () => {}
  const logger: Interfaces.Logger = {
    namespace: 'oclif',
    child: () => logger,
    debug: nothing,
    error: nothing,
    info: nothing,
    trace: nothing,
    warn: nothing,
  }
  return logger
}

/** oclif's configuration, loaded. */
export async function quietConfig(options: Interfaces.Options): Promise<Config> {
  const config = new Config(process.env.DEBUG ? options : { ...options, logger: silentLogger() })
  Object.assign(config, { loadTheme: async () => undefined })
  await config.load()
  return config
}
