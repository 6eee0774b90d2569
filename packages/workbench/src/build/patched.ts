// Packages that wait for a change of their makers are bundled with it, also where the install did not make it.

import { readFile } from 'node:fs/promises'
import { patched, readPatches, unpatched } from '@spoq/node-runtime/patch'
import type { Plugin } from 'esbuild'

export { patched, readPatches, unpatched }

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

export const patchedPackages: Plugin = {
  name: 'patched-packages',
  setup(build) {
    for (const [name, hunks] of readPatches())
      build.onLoad({ filter: new RegExp(`node_modules/${escaped(name)}$`) }, async ({ path }) => ({
        contents: patched(await readFile(path, 'utf8'), hunks),
        loader: 'js',
      }))
  },
}
