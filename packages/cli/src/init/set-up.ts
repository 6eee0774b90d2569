// All that is missing before the first question, in order; what is there is left as it is.

import { call } from '@spoq/client/call'
import { type Account, showAccount } from '@spoq/contracts/account'
import { listMachines, type Machine } from '@spoq/contracts/machine'
import { type ModelInUse, showModel } from '@spoq/contracts/model'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { addThisComputer } from '../device/this-computer.ts'
import { signIn } from '../login/sign-in.ts'
import { pickMachine, rememberMachines } from '../machine/chosen.ts'
import { provision } from '../machine/provision.ts'
import { describeModel } from '../model/describe.ts'
import { backendTarget, machineTarget } from '../target.ts'
import { chooseAModel } from './choose-model.ts'
import { planToUse } from './choose-plan.ts'

interface Options {
  /** Three words, even where a browser could be opened. */
  device: boolean
  /** The name of a machine that is made. */
  name: string | undefined
  /** Says that a step is done. */
  say: (line: string) => void
}

interface Done {
  account: Account
  machine: Machine
  model: ModelInUse
}

/** Signs in, offers a plan, makes a machine, chooses a model, adds this computer's SSH key. For errors see each step; it can be run again after any. */
export async function setUp(context: Context, { device, name, say }: Options): Promise<Done> {
  const account = await signedIn(context, device, say)
  say(`Signed in as ${account.email}.`)
  say(await planToUse(context, backendTarget(context)))
  const machine = await usableMachine(context, name)
  say(`${machine.name} is running.`)
  const model = await usableModel({ ...context, machine: machine.id })
  say(model.source === 'none' ? noModel : describeModel(model))
  say(await addThisComputer(context, machine))
  return { account, machine, model }
}

const noModel = 'No model yet: ask with --model demo, or choose one with spoq model use.'

async function signedIn(context: Context, device: boolean, tell: (line: string) => void): Promise<Account> {
  try {
    return await call(backendTarget(context), showAccount)
  } catch (error) {
    if (!(error instanceof SpoqError) || !needsLogin.includes(error.code)) throw error
    if (!context.terminal.interactive)
      throw new SpoqError('needs_terminal', {
        message: `${error.message} Signing in needs a person.`,
        next: 'Run spoq login --start, let somebody approve it, run spoq login --finish, then this again.',
      })
    return signIn(context, { device, tell })
  }
}

const needsLogin: string[] = ['not_signed_in', 'login_revoked', 'login_locked', 'token_invalid']

/** The machine that is meant, or the first one. One that is stopped or failed is the owner's to decide about. */
async function usableMachine(context: Context, name: string | undefined): Promise<Machine> {
  const backend = backendTarget(context)
  const { machines } = await call(backend, listMachines)
  rememberMachines(context, backend.origin, machines)
  if (machines.length === 0) return provision(context, backend, { name, wait: true })
  const machine = pickMachine(machines, name ?? context.machine)
  if (machine instanceof SpoqError) throw machine
  return machine
}

async function usableModel(context: Context): Promise<ModelInUse> {
  const target = await machineTarget(context)
  const inUse = await call(target, showModel)
  return inUse.source === 'none' && context.terminal.interactive ? chooseAModel(context.terminal, target) : inUse
}
