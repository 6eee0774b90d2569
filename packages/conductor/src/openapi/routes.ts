// Every route of a Conductor, by its name in the contracts: the OpenAPI document shows these. The access test holds this
// list against the contracts and against what is served.

import * as access from '@spoq/contracts/access'
import * as archive from '@spoq/contracts/archive'
import * as completion from '@spoq/contracts/completion'
import type { Route } from '@spoq/contracts/http'
import * as model from '@spoq/contracts/model'
import { showOpenApi } from '@spoq/contracts/openapi'
import * as rule from '@spoq/contracts/rule'
import * as run from '@spoq/contracts/run'
import * as session from '@spoq/contracts/session'
import { prepareSsh } from '@spoq/contracts/ssh'
import { health, readLog, showStatus, shutdown } from '@spoq/contracts/status'
import * as sync from '@spoq/contracts/sync'

export const conductorRoutes: Record<string, Route> = {
  health,
  showStatus,
  readLog,
  shutdown,
  showOpenApi,
  setAccess: access.setAccess,
  showAccess: access.showAccess,
  sleepMachine: access.sleepMachine,
  prepareSsh,
  readArchive: archive.readArchive,
  writeArchive: archive.writeArchive,
  completeChat: completion.completeChat,
  listOpenAiModels: completion.listOpenAiModels,
  showModel: model.showModel,
  chooseModel: model.chooseModel,
  listModels: model.listModels,
  removeModel: model.removeModel,
  setModelContext: model.setModelContext,
  setModelKey: model.setModelKey,
  removeModelKey: model.removeModelKey,
  setModelPrice: model.setModelPrice,
  testModel: model.testModel,
  showBudget: model.showBudget,
  setBudget: model.setBudget,
  listRules: rule.listRules,
  addRule: rule.addRule,
  removeRule: rule.removeRule,
  startRun: run.startRun,
  listRuns: run.listRuns,
  showRun: run.showRun,
  runEvents: run.runEvents,
  sendInput: run.sendInput,
  signalRun: run.signalRun,
  ask: session.ask,
  listSessions: session.listSessions,
  searchSessions: session.searchSessions,
  showSession: session.showSession,
  sessionEvents: session.sessionEvents,
  exportSession: session.exportSession,
  deleteSession: session.deleteSession,
  answerApproval: session.answerApproval,
  answerClientRequest: session.answerClientRequest,
  abortTurn: session.abortTurn,
  compactSession: session.compactSession,
  undoEdits: session.undoEdits,
  syncFolder: sync.syncFolder,
  syncChanges: sync.syncChanges,
}
