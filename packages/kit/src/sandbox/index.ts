export { cleanEnvironment } from './clean-environment.ts'
export { killGroup } from './kill-group.ts'
export { probeSandbox, type Sandbox, type SpawnOptions, withoutIsolation } from './sandbox.ts'
