// The guard: a container on the network of the Engine's computer that keeps the rules for machines in place. A machine is
// started only after the rules were seen to be there, and never by Docker itself, so that none runs unguarded after a reboot.

import { setTimeout as sleep } from 'node:timers/promises'
import type Docker from 'dockerode'
import { ProviderError } from '../provider.ts'
import { begin } from './begin.ts'
import { asking, unlessStatus } from './fault.ts'
import { labels } from './names.ts'
import type { Engine } from './options.ts'
import { rulesOf, tableOf } from './rules.ts'

/** Brings the rules up to date, and has them kept. @throws ProviderError when they are not known to be in place. */
export async function ensureGuard(engine: Engine): Promise<void> {
  const status = await engine.inTurn('guard', () => asking(async () => putUp(await startedGuard(engine))))
  if (status !== 0)
    throw new ProviderError('retry', 'The firewall rules for machines cannot be set on the Docker host.', {
      undone: true,
    })
}

/** Somebody may flush all rules: they come again within two seconds. Ends with the signal at once. */
const keep = `trap 'exit 0' TERM
while :; do
  nft list table inet "$TABLE" >/dev/null 2>&1 || printf %s "$RULES" | nft -f -
  sleep 2 & wait $!
done`

const once = 'printf %s "$RULES" | nft -f -'

const bodyOf = ({ installation, image, reach }: Engine): Docker.ContainerCreateOptions => ({
  Image: image,
  Entrypoint: ['/bin/sh', '-c', keep],
  User: '0',
  Env: [`TABLE=${tableOf(installation)}`, `RULES=${rulesOf(installation, reach)}`],
  HostConfig: {
    NetworkMode: 'host',
    UsernsMode: 'host',
    CapDrop: ['ALL'],
    CapAdd: ['NET_ADMIN'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    RestartPolicy: { Name: 'always' },
    PidsLimit: 32,
    Memory: 64 * 2 ** 20,
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
  },
})

/** The guard by these very rules: another one is replaced, and what it has put up stays until then. */
async function startedGuard(engine: Engine): Promise<Docker.Container> {
  const name = `spoq-guard-${engine.installation}`
  const body = bodyOf(engine)
  const form = JSON.stringify(body)
  const container = engine.docker.getContainer(name)
  const there = await container.inspect().catch(unlessStatus(404))
  if (there && there.Config.Labels[labels.form] !== form)
    await container.remove({ force: true }).catch(unlessStatus(404, 409))
  const labelled = { [labels.installation]: engine.installation, [labels.form]: form }
  if (there?.Config.Labels[labels.form] !== form)
    await engine.docker.createContainer({ ...body, name, Labels: labelled }).catch(unlessStatus(409))
  const isSame = there?.Config.Labels[labels.form] === form
  if (!isSame || !there?.State.Running) await begin(container)
  return container
}

/** Says it once more, whatever is there; answers the exit status. */
async function putUp(container: Docker.Container): Promise<number | null> {
  const exec = await container.exec({ Cmd: ['/bin/sh', '-c', once], AttachStdout: true, AttachStderr: true })
  const stream = await exec.start({})
  stream.resume()
  await new Promise((resolve, reject) => stream.on('end', resolve).on('close', resolve).on('error', reject))
  for (let looks = 0; ; looks++) {
    const { Running, ExitCode } = await exec.inspect()
    if (!Running || looks === 50) return ExitCode
    await sleep(20)
  }
}
