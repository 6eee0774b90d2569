// Every route of the backend, by its name in the contracts. The OpenAPI document shows these, and a test holds this list
// against what is served and against the contracts.

import {
  askPasswordReset,
  changePassword,
  confirmEmail,
  confirmPasswordReset,
  createFirstAccount,
  sendEmailCode,
  showAccount,
  showSecurityLog,
} from '@spoq/contracts/account'
import {
  createBackup,
  exportBackup,
  listAllBackups,
  listBackups,
  removeBackup,
  restoreBackup,
  showBackup,
  showRestore,
  verifyBackup,
} from '@spoq/contracts/backup'
import {
  createConnection,
  listConnections,
  probeConnection,
  removeConnection,
  rotateConnection,
  showConnection,
} from '@spoq/contracts/connection'
import { addDomain, listDomains, removeDomain, verifyDomain } from '@spoq/contracts/domain'
import type { Route } from '@spoq/contracts/http'
import { listLogins, revokeLogin } from '@spoq/contracts/login'
import {
  createMachine,
  endMachine,
  keepMachine,
  listMachines,
  machineHistory,
  previewEnd,
  renameMachine,
  resizeMachine,
  restartMachine,
  rotateMachine,
  showMachine,
  startMachine,
  stopMachine,
  terminateMachine,
} from '@spoq/contracts/machine'
import { listAccountModelKeys, removeAccountModelKey, setAccountModelKey } from '@spoq/contracts/model-key'
import { checkName } from '@spoq/contracts/name'
import { givePlan, listPlans, showPlan } from '@spoq/contracts/plan'
import { drainPool, setPool, showPool } from '@spoq/contracts/pool'
import { listProviders, quoteMachine } from '@spoq/contracts/provider'
import { fetchRelease, showRelease } from '@spoq/contracts/release'
import { reportSetup, showSetupLog } from '@spoq/contracts/setup'
import { listSnapshots, removeSnapshot, restoreSnapshot, takeSnapshot } from '@spoq/contracts/snapshot'
import { health, readiness } from '@spoq/contracts/status'
import { createToken, listTokens, revokeToken, showCredential } from '@spoq/contracts/token'
import { addTrust, listTrusts, removeTrust } from '@spoq/contracts/trust'

export const backendRoutes: Record<string, Route> = {
  health,
  readiness,
  createFirstAccount,
  showAccount,
  sendEmailCode,
  confirmEmail,
  changePassword,
  askPasswordReset,
  confirmPasswordReset,
  showSecurityLog,
  listSnapshots,
  takeSnapshot,
  restoreSnapshot,
  removeSnapshot,
  listDomains,
  addDomain,
  verifyDomain,
  removeDomain,
  checkName,
  showRelease,
  fetchRelease,
  reportSetup,
  showSetupLog,
  listProviders,
  quoteMachine,
  listPlans,
  showPlan,
  givePlan,
  showPool,
  setPool,
  drainPool,
  listLogins,
  revokeLogin,
  createToken,
  listTokens,
  revokeToken,
  showCredential,
  addTrust,
  listTrusts,
  removeTrust,
  listMachines,
  createMachine,
  showMachine,
  machineHistory,
  renameMachine,
  resizeMachine,
  restartMachine,
  rotateMachine,
  stopMachine,
  startMachine,
  previewEnd,
  endMachine,
  keepMachine,
  terminateMachine,
  listAllBackups,
  listBackups,
  createBackup,
  showBackup,
  exportBackup,
  verifyBackup,
  removeBackup,
  restoreBackup,
  showRestore,
  listConnections,
  createConnection,
  showConnection,
  probeConnection,
  rotateConnection,
  removeConnection,
  listAccountModelKeys,
  setAccountModelKey,
  removeAccountModelKey,
}
