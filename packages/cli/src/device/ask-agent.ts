import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { SpoqError } from '@spoq/contracts/problem'
import { readKeys } from '@spoq/kit/ssh-key'
import { computerName } from './computer-name.ts'
import type { Found } from './found.ts'

const patienceMs = 10_000

/** The public keys that the SSH agent has. @throws SpoqError `no_keys`. */
export async function keysOfAgent(env: NodeJS.ProcessEnv): Promise<Found> {
  if (!env.SSH_AUTH_SOCK)
    throw new SpoqError('no_keys', {
      message: 'No SSH agent runs here: SSH_AUTH_SOCK is not set.',
      next: 'Start one with eval "$(ssh-agent)" and ssh-add, or use --file or --new.',
    })
  const { keys, refused } = readKeys(await listed(env))
  const name = computerName()
  return {
    keys: keys.map(key => ({ key, name })),
    ...{ where: 'the SSH agent', refused, isExact: false },
    // Over SSH the agent is another computer's.
    isHere: !env.SSH_CONNECTION,
  }
}

async function listed(env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const options = { env: { ...env, LC_ALL: 'C' }, timeout: patienceMs, maxBuffer: 1 << 20 }
    return (await promisify(execFile)('ssh-add', ['-L'], options)).stdout
  } catch (cause) {
    const { code, stdout = '', stderr = '' } = cause as { code?: unknown; stdout?: string; stderr?: string }
    if (code === 'ENOENT') throw failed(cause, 'ssh-add is not installed.', "Install OpenSSH's client, or use --file.")
    if (/no identities/i.test(`${stdout}${stderr}`))
      throw failed(cause, 'The SSH agent has no key.', 'Add one with ssh-add, or use --file or --new.')
    throw failed(cause, 'The SSH agent does not answer.', 'See ssh-add -L, or use --file.')
  }
}

const failed = (cause: unknown, message: string, next: string) => new SpoqError('no_keys', { cause, message, next })
