// A machine's archive as it is stored: packed, then sealed under a key of its own.

import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import { SpoqError } from '@spoq/contracts/problem'
import { SealBroken } from '@spoq/kit/sealed-file'
import { openStream, StreamBroken, sealStream } from '@spoq/kit/sealed-stream'
import type { BackupRow } from '../db/tables.ts'
import { open } from '../secret/open.ts'
import { ObjectMissing } from './object/object-store.ts'
import { aboutOf, type BackupPorts, secretOf } from './ports.ts'

export interface Sum {
  bytes: number
  sha256: string
}

/** Counts and hashes bytes as they pass. */
export function summed(bytes: AsyncIterable<Uint8Array>) {
  const hash = createHash('sha256')
  const sum = { bytes: 0, sha256: '' }
  const passing = async function* () {
    for await (const some of bytes) {
      hash.update(some)
      sum.bytes += some.length
      yield some
    }
    sum.sha256 = hash.digest('hex')
  }
  return { bytes: passing(), sum: sum as Readonly<Sum> }
}

/** Packs and seals. What goes wrong in `plain` goes wrong in what comes out. */
export function packed(plain: AsyncIterable<Uint8Array>, key: Buffer, row: BackupRow): AsyncGenerator<Buffer> {
  const zipped = pipeline(plain, createZstdCompress(), () => {})
  return sealStream(zipped, key, aboutOf(row))
}

/**
 * The archive of a backup that is ready. Only when it ends without an error was it all, and the one that was made.
 * @throws SpoqError `backup_damaged`.
 */
export async function unpacked(
  ports: Pick<BackupPorts, 'db' | 'keys' | 'store'>,
  row: BackupRow,
): Promise<AsyncGenerator<Buffer>> {
  const key = await keyOf(ports, row)
  const stored = await ports.store.get(row.object).catch(error => {
    throw plainly(error)
  })
  return checked(
    pipeline(openStream(stored, key, aboutOf(row)), createZstdDecompress(), () => {}),
    row,
  )
}

async function* checked(bytes: AsyncIterable<Buffer>, { sha256 }: BackupRow): AsyncGenerator<Buffer> {
  const { bytes: passing, sum } = summed(bytes)
  try {
    for await (const some of passing) yield some as Buffer
  } catch (error) {
    throw plainly(error)
  }
  if (sum.sha256 !== sha256) throw damaged()
}

async function keyOf(ports: Pick<BackupPorts, 'db' | 'keys'>, row: BackupRow): Promise<Buffer> {
  const text =
    row.secret_id && (await open(ports, row.secret_id, secretOf(row)).catch(error => Promise.reject(plainly(error))))
  if (!text) throw damaged()
  return Buffer.from(text, 'base64')
}

const damaged = (cause?: unknown) => new SpoqError('backup_damaged', { cause })

function plainly(error: unknown): unknown {
  const known = [ObjectMissing, StreamBroken, SealBroken].some(kind => error instanceof kind)
  const ofZstd = String((error as NodeJS.ErrnoException).code ?? '').startsWith('ZSTD')
  return known || ofZstd ? damaged(error) : error
}
