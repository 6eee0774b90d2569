export { type Checkpoints, checkpoints, type Edit, stateOf } from './checkpoints.ts'
