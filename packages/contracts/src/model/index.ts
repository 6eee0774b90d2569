export { chooseModel, type ModelChoice, type ModelInUse, modelChoice, modelInUse, showModel } from './model.ts'
