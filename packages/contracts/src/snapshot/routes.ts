import * as z from 'zod/mini'
import { route } from '../http/index.ts'
import { machine, machineId } from '../machine/machine.ts'
import { snapshot, snapshotId, snapshotName } from './snapshot.ts'

const one = z.object({ machine: machineId, snapshot: snapshotId })

export const listSnapshots = route({
  method: 'get',
  path: '/api/machines/{machine}/snapshots',
  summary: 'Lists the snapshots of a machine, newest first.',
  caller: 'account',
  scope: 'machine:read',
  params: z.object({ machine: machineId }),
  status: 200,
  answer: z.object({ snapshots: z.array(snapshot) }),
  errors: ['machine_not_found'],
})

export const takeSnapshot = route({
  method: 'post',
  path: '/api/machines/{machine}/snapshots',
  summary: 'Keeps the disk of a machine as it is now.',
  caller: 'account',
  scope: 'machine:write',
  params: z.object({ machine: machineId }),
  body: z.object({ name: z.optional(snapshotName) }),
  status: 202,
  answer: snapshot,
  errors: ['machine_not_found', 'machine_state', 'not_supported', 'snapshot_limit'],
})

export const restoreSnapshot = route({
  method: 'post',
  path: '/api/machines/{machine}/snapshots/{snapshot}/restore',
  summary: 'Puts the disk of a machine back to a snapshot. What came after it is lost.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 202,
  answer: machine,
  errors: ['machine_not_found', 'snapshot_not_found', 'machine_state'],
})

export const removeSnapshot = route({
  method: 'delete',
  path: '/api/machines/{machine}/snapshots/{snapshot}',
  summary: 'Removes a snapshot.',
  caller: 'account',
  scope: 'machine:write',
  params: one,
  status: 202,
  answer: snapshot,
  errors: ['machine_not_found', 'snapshot_not_found'],
})
