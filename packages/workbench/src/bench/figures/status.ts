import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { bin, startHome } from '../../journey/home.ts'
import type { Figure } from '../figure.ts'
import { cpuRatio } from '../process-cost.ts'

/** The floor is one GET with undici, bundled the same way and with the same compile cache, and nothing around it. */
export const status: Figure = {
  id: 'status',
  goal: { most: 1.4 },
  about: 'CPU of spoq status / a bare bundled undici GET',
  measure: async () => {
    const home = await startHome()
    try {
      const bare = await bareGet(`${home.server}/health`)
      return await cpuRatio(
        { command: [process.execPath, bin, 'status'], environment: home.environment },
        { command: [process.execPath, bare] },
      )
    } finally {
      await home.close()
    }
  },
}

async function bareGet(url: string): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), 'spoq-bench-')), 'get.cjs')
  await build({
    stdin: {
      contents: `import { request } from 'undici'
        request(${JSON.stringify(url)}).then(r => r.body.text()).then(text => console.log(text))`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    banner: { js: "require('node:module').enableCompileCache?.();" },
    outfile,
  })
  return outfile
}
