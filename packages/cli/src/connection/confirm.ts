// From an address to a server that is known and lets us in: the line is shown, its pasting waited for, and the person says
// whether it is the right server.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import {
  type Connection,
  createConnection,
  type Probe,
  probeConnection,
  serverAddress,
  showConnection,
} from '@spoq/contracts/connection'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { startProgress } from '../progress.ts'
import { askText, confirm } from '../terminal.ts'

export interface AskedServer {
  address?: string | undefined
  port?: number | undefined
  user?: string | undefined
  /** One that was made before. */
  connection?: string | undefined
  /** Confirmed already, elsewhere. */
  fingerprint?: string | undefined
}

export interface Confirmed {
  connection: string
  fingerprint: string
}

/** What has to be done before it can go on, for a program that called. */
export interface Waiting {
  connection: Connection
  probe: Probe
}

/**
 * Answers the server that the person confirmed; without a terminal, what is missing for that.
 * @throws SpoqError those of the routes, `connection_unready` for a server that cannot become a machine, `interrupted`.
 */
export async function confirmServer(
  context: Context,
  backend: Target,
  asked: AskedServer,
  say: (line: string) => void,
): Promise<Confirmed | Waiting> {
  const connection = await connectionOf(backend, asked)
  let probe = await look(context, backend, connection)
  if (context.terminal.interactive && !context.json) {
    probe = await pasted(context, backend, connection, probe, say)
    return { connection: connection.id, fingerprint: await agreed(context, connection, probe, asked, say) }
  }
  if (probe.state === 'unfit') throw unfit(probe)
  if (probe.state !== 'ready' || asked.fingerprint === undefined) return { connection, probe }
  return { connection: connection.id, fingerprint: same(asked.fingerprint, probe) }
}

async function connectionOf(backend: Target, { connection, address, port, user }: AskedServer): Promise<Connection> {
  if (connection !== undefined) return call(backend, showConnection, { params: { connection } })
  if (address === undefined || !serverAddress.safeParse(address).success)
    throw new SpoqError('usage', {
      message: address === undefined ? 'Which server?' : `--address: ${address} is no host name and no IP address.`,
      next: 'Say it with --address ADDRESS.',
    })
  const body = { address, ...(port === undefined ? {} : { port }), ...(user === undefined ? {} : { user }) }
  return call(backend, createConnection, { body: { port: 22, user: 'root', ...body } })
}

async function look(context: Context, backend: Target, { id, address }: Connection): Promise<Probe> {
  const progress = await startProgress(context)
  try {
    progress.step(`Connecting to ${address}`)
    return await call(backend, probeConnection, { params: { connection: id } })
  } finally {
    progress.stop()
  }
}

/** Waits until the line was pasted. */
async function pasted(
  context: Context,
  backend: Target,
  connection: Connection,
  first: Probe,
  say: (line: string) => void,
): Promise<Probe> {
  let probe = first
  if (probe.state === 'key_missing') {
    say(`Paste this line on ${connection.address}, as ${connection.user} or with sudo:\n\n${connection.line}\n`)
  }
  while (probe.state !== 'ready') {
    if (probe.state === 'unfit') throw unfit(probe)
    if (probe !== first || probe.state === 'unreachable') say(probe.reason ?? '')
    await askText(context.terminal, { message: 'Press Enter to try again.', flag: '--connection ID' })
    probe = await look(context, backend, connection)
  }
  return probe
}

async function agreed(
  context: Context,
  { address }: Connection,
  probe: Probe,
  { fingerprint }: AskedServer,
  say: (line: string) => void,
): Promise<string> {
  if (fingerprint !== undefined) return same(fingerprint, probe)
  say(`${address} runs ${probe.system}. Its SSH host key has the fingerprint\n\n${probe.fingerprint}\n`)
  say('The server itself says it with: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')
  const message = 'Is it the same there?'
  if (await confirm(context.terminal, { message, flag: '--fingerprint FINGERPRINT', default: false }))
    return String(probe.fingerprint)
  throw new SpoqError('interrupted', {
    message: 'Nothing was changed on the server.',
    next: 'Check the address: another server may answer there.',
  })
}

function same(confirmed: string, { fingerprint }: Probe): string {
  if (confirmed === fingerprint) return confirmed
  throw new SpoqError('host_key_changed', {
    message: `The server has the fingerprint ${fingerprint} and not ${confirmed}: it is another server, or somebody stands in between.`,
  })
}

const unfit = ({ reason }: Probe) =>
  new SpoqError('connection_unready', {
    message: `The server cannot become a machine: ${reason}`,
    next: 'Put that right on the server, then try again.',
  })

/** What a person or a program does next. */
export const nextStep = ({ connection, probe }: Waiting) =>
  probe.state === 'ready'
    ? `Check its fingerprint ${probe.fingerprint}, then: spoq provision --provider byo --connection ${connection.id} --fingerprint ${probe.fingerprint}`
    : `${probe.reason} Paste the line there, then: spoq provision --provider byo --connection ${connection.id}`
