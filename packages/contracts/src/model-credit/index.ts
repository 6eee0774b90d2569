export { type ModelCredit, modelCredit, setModelCredit, showModelCredit } from './model-credit.ts'
