export { clientTools } from './client-tools.ts'
export { machineTools } from './machine-tools.ts'
export { skillTool } from './skill.ts'
export type { Preview, Tool, ToolContext } from './tool.ts'
