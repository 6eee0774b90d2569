export { codes, type ErrorCode, type ExitStatus, errorCodes, exitStatus } from './code.ts'
export { fromProblem, type Problem, problem, problemType, SpoqError, toProblem } from './problem.ts'
