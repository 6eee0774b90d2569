import * as z from 'zod/mini'
import { route } from '../http/index.ts'
import { machineName } from '../machine/machine.ts'
import { nameCheck } from './name.ts'

export const checkName = route({
  method: 'get',
  path: '/api/names/{name}',
  summary: 'Says whether a machine could have this name.',
  caller: 'account',
  scope: 'machine:read',
  params: z.object({ name: machineName }),
  status: 200,
  answer: nameCheck,
  errors: [],
})
