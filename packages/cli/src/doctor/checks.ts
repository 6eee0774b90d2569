import { clock } from './check/clock.ts'
import { completion } from './check/completion.ts'
import { conductor } from './check/conductor.ts'
import { dataFolder } from './check/data-folder.ts'
import { device } from './check/device.ts'
import { disk } from './check/disk.ts'
import { isolation } from './check/isolation.ts'
import { keychain } from './check/keychain.ts'
import { login } from './check/login.ts'
import { machine } from './check/machine.ts'
import { model } from './check/model.ts'
import { node } from './check/node.ts'
import { proxy } from './check/proxy.ts'
import { server } from './check/server.ts'
import { ssh } from './check/ssh.ts'
import { tunnel } from './check/tunnel.ts'
import type { Check } from './check.ts'

/** In the order they are made; what a check needs stands before it. */
export const checks: readonly Check[] = [
  node,
  dataFolder,
  completion,
  proxy,
  keychain,
  server,
  clock,
  login,
  machine,
  conductor,
  tunnel,
  device,
  ssh,
  isolation,
  disk,
  model,
]
