// The folder that is synced in the bench.

import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** So many files of 23 kB on average in folders of a hundred, and one large file; no two alike. */
export function makeTree(folder: string, files: number, largeBytes: number): void {
  const noise = randomBytes(1 << 20)
  for (let i = 0; i < files; i++) {
    const inside = join(folder, `src-${Math.floor(i / 1_000)}`, `part-${Math.floor(i / 100)}`)
    if (i % 100 === 0) mkdirSync(inside, { recursive: true })
    const size = 3_000 + ((i * 7_919) % 40_000)
    const start = (i * 104_729) % (noise.length - 50_000)
    writeFileSync(
      join(inside, `file-${i}.bin`),
      Buffer.concat([Buffer.from(String(i)), noise.subarray(start, start + size)]),
    )
  }
  writeFileSync(join(folder, 'large.bin'), randomBytes(largeBytes))
}
