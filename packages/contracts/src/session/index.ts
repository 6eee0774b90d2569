export { type Decision, decision, type Mode, mode, type Scope, scope } from './approval.ts'
export {
  type ClientTool,
  clientTool,
  type EventBody,
  eventBody,
  type SessionEvent,
  sessionEvent,
  sessionId,
  turnEnds,
  turnId,
  type Usage,
  usage,
} from './event.ts'
export { globInput, grepInput, readInput } from './look.ts'
export {
  abortTurn,
  answerApproval,
  answerClientRequest,
  ask,
  compactSession,
  deleteSession,
  exportSession,
  listSessions,
  searchSessions,
  sessionEvents,
  showSession,
  undoEdits,
} from './routes.ts'
export {
  type Accepted,
  type Attachment,
  accepted,
  attachment,
  type ExportedEvent,
  exportedEvent,
  imageTypes,
  maxQuestionBytes,
  type Question,
  type QuestionInput,
  question,
  type Session,
  type SessionMatch,
  session,
  sessionMatch,
} from './session.ts'
export { type Undone, undone } from './undo.ts'
