// The entry of the command line, from source and bundled alike.

import { join } from 'node:path'
import './shapes.ts'
import { runCli } from './cli.ts'

// Not awaited at the top level: a reader of stdout that goes away would turn into "unsettled await", status 13.
void runCli(process.argv.slice(2), { root: join(import.meta.dirname, '../../..'), calledAs: process.argv[1] ?? 'spoq' })
