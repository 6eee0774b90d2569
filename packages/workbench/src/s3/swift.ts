// A real S3 server of a test's own: OpenStack Swift with its S3 door, which checks each signature. All that it keeps is in one
// folder; it needs Debian's python3-swift and no rights.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { AwsV4Signer } from 'aws4fetch'
import { type Started, start, until } from '../docker/engine.ts'
import { freePorts } from '../free-ports.ts'

export interface S3Server {
  /** For `S3_URL`: with key, secret, and a bucket that is there. */
  url: string
  /** The uploads that were begun and never ended. */
  uploads(): Promise<string[]>
  stop(): Promise<void>
}

/** Debian's own: its library is no other Python's. */
const python = '/usr/bin/python3'
const key = 'test:spoq'
const secret = 'the-secret-of-a-test'
const bucket = 'backups'

/** Why there is none here; null when there is one. */
export function noSwift(): string | null {
  try {
    execFileSync(python, ['-c', 'import swift.common.middleware.s3api'], { stdio: 'ignore' })
    return null
  } catch {
    return 'there is no python3-swift'
  }
}

/** Starts it and makes a bucket. */
export async function startSwift(): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-swift-'))
  mkdirSync(join(folder, 'devices/disk'), { recursive: true })
  writeFileSync(join(folder, 'serve.py'), launcher)
  writeFileSync(join(folder, 'swift.conf'), '[swift-hash]\nswift_hash_path_suffix = test\n')
  const [door = 0, ...ports] = await freePorts(4)
  const kinds = ['account', 'container', 'object'].map((kind, at) => ({ kind, port: ports[at] ?? 0 }))
  for (const { kind, port } of kinds) makeRing(folder, kind, port)
  const servers = kinds.map(({ kind, port }) => serve(folder, `${kind}-server`, port, storage(kind)))
  const proxy = serve(folder, 'proxy-server', door, pipeline)
  servers.push(proxy)
  const origin = `http://127.0.0.1:${door}`
  const stop = async () => {
    await Promise.all(servers.map(server => server.end()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await until(() => asked('PUT', `${origin}/${bucket}`).then(isFine, () => false), proxy, 'S3')
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: `http://${encodeURIComponent(key)}:${secret}@127.0.0.1:${door}/${bucket}/spoq`,
    async uploads() {
      const listed = await (await asked('GET', `${origin}/${bucket}?uploads`)).text()
      return [...listed.matchAll(/<UploadId>([^<]+)</g)].map(([, id]) => String(id))
    },
    stop,
  }
}

const isFine = ({ ok }: Response) => ok

async function asked(method: string, url: string): Promise<Response> {
  const by = { accessKeyId: key, secretAccessKey: secret, service: 's3', region: 'us-east-1' }
  const signed = await new AwsV4Signer({ ...by, method, url }).sign()
  return fetch(signed.url, { method, headers: signed.headers, signal: AbortSignal.timeout(5_000) })
}

/** The place of its settings is written into its source. */
const launcher = `import sys, swift.common.utils as utils
utils.SWIFT_CONF_FILE = sys.argv[1]
from swift.common.wsgi import run_wsgi
sys.exit(run_wsgi(sys.argv[2], sys.argv[3]))
`

/** It looks at the arguments of its program in some places, and at those of its function in others. */
const ringBuilder = `import sys
sys.argv[0] = 'swift-ring-builder'
from swift.cli.ringbuilder import main
main(sys.argv)
`

function makeRing(folder: string, kind: string, port: number): void {
  const builder = join(folder, `${kind}.builder`)
  const ring = (...words: string[]) => execFileSync(python, ['-c', ringBuilder, builder, ...words], { stdio: 'pipe' })
  ring('create', '4', '1', '0')
  ring('add', `r1z1-127.0.0.1:${port}/disk`, '1')
  ring('rebalance')
}

function serve(folder: string, name: string, port: number, sections: string): Started {
  const settings = {
    bind_ip: '127.0.0.1',
    bind_port: port,
    workers: 0,
    user: userInfo().username,
    swift_dir: folder,
    devices: join(folder, 'devices'),
    mount_check: false,
    recon_cache_path: folder,
    // No system's log: there is no such socket.
    log_address: join(folder, 'no-log'),
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  const file = join(folder, `${name}.conf`)
  writeFileSync(file, `[DEFAULT]\n${lines.join('\n')}\n${sections}`)
  const words = [python, join(folder, 'serve.py'), join(folder, 'swift.conf'), file, name]
  return start(words, join(folder, `${name}.log`))
}

const storage = (kind: string) => `[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
`

const pipeline = `[pipeline:main]
pipeline = catch_errors cache s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_spoq = ${secret} .admin
[filter:slo]
use = egg:swift#slo
`
