// `npm run build`: the manifest and the bundles, when a source is newer than they are. `--force`: in any case.

import { resolve } from 'node:path'
import { build } from './build.ts'

const root = resolve(import.meta.dirname, '../../../..')

void build(root, { force: process.argv.includes('--force'), say: line => console.error(line) })
