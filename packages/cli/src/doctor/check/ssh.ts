import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { call } from '@spoq/client/call'
import { type SshGateway, showSshGateway } from '@spoq/contracts/ssh'
import { backendTarget } from '../../target.ts'
import { type Check, ok, warn } from '../check.ts'

/** Whether this computer has an SSH client, and the gateway answers it. Whose keys may come in is another check. */
export const ssh: Check = {
  id: 'ssh',
  needs: ['login'],
  run: async ({ context, here, signal }) => {
    if (here) return ok('not needed: this is the machine itself')
    const client = await clientVersion(signal)
    if (client === null) return warn('this computer has no ssh', 'Install OpenSSH: spoq ssh, cp and forward use it.')
    const { gateway } = await call(backendTarget(context), showSshGateway, { signal })
    if (gateway === null) return ok(`${client}; the server takes no SSH`)
    const begin = performance.now()
    const silent = await Promise.all([gateway, ...gateway.others].map(place => greeting(place, signal)))
    const [why] = silent.flatMap(reason => reason ?? [])
    if (why !== undefined) return warn(why, 'Does the network let SSH out? With several gateways one is enough.')
    return ok(`${client}; the gateway answers in ${Math.round(performance.now() - begin)} ms`)
  },
}

/** As it names itself, `OpenSSH_9.2p1`; null when there is none. */
function clientVersion(signal: AbortSignal): Promise<string | null> {
  return new Promise(resolve =>
    execFile('ssh', ['-V'], { signal }, (error, stdout, stderr) =>
      resolve(error ? null : (/^\S+?(?=[ ,])/.exec(stderr + stdout)?.[0] ?? 'ssh')),
    ),
  )
}

/** Null when somebody there speaks SSH; else why not. */
async function greeting(
  { host, port }: Pick<SshGateway, 'host' | 'port'>,
  signal: AbortSignal,
): Promise<string | null> {
  const no = (why: string) => `the SSH gateway ${host}:${port} does not answer: ${why}`
  const socket = connect(port, host)
  try {
    const [piece] = await once(socket, 'data', { signal })
    return String(piece).startsWith('SSH-2.0-') ? null : no('it speaks no SSH')
  } catch (error) {
    if (signal.aborted) return no('it says nothing')
    return no((error as NodeJS.ErrnoException).code ?? (error as Error).message)
  } finally {
    socket.destroy()
  }
}
