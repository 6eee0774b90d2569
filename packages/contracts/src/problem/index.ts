export { codes, type ErrorCode, type ExitStatus, errorCodes, exitStatus } from './code.ts'
export { SpoqError } from './error.ts'
export { fromProblem, type Problem, problem, problemType, toProblem } from './problem.ts'
