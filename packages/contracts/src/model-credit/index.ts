export { creditTokenPrefix, type ModelCredit, modelCredit, setModelCredit, showModelCredit } from './model-credit.ts'
