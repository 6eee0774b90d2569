export { clientTools } from './client-tools.ts'
export { machineTools } from './machine-tools.ts'
export type { Preview, Tool, ToolContext } from './tool.ts'
