export { clientTools } from './client-tools.ts'
export { machineTools } from './machine-tools.ts'
export { decide, isRule } from './rule.ts'
export type { Tool, ToolContext } from './tool.ts'
