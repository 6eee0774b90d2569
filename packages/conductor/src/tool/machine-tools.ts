// The tools that act on the machine's workspace.

import type { Sandbox } from '@spoq/kit/sandbox'
import type { Checkpoints } from '../checkpoint/index.ts'
import { editTool } from './edit.ts'
import { runTool } from './run.ts'
import { globTool, grepTool, readTool } from './search.ts'
import type { Tool } from './tool.ts'

interface Options {
  /** The one folder that the tools act on: its real path. */
  workspace: string
  sandbox: Sandbox
  checkpoints: Checkpoints
}

/** read, glob, grep, edit and run, on the machine's workspace. */
export function machineTools({ workspace, sandbox, checkpoints }: Options): Tool[] {
  return [
    readTool(workspace),
    globTool(workspace),
    grepTool(workspace),
    editTool(workspace, checkpoints),
    runTool(workspace, sandbox),
  ]
}
