export { probeSandbox, type Sandbox, type SpawnOptions } from './sandbox.ts'
