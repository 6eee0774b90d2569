export { costOf, type ModelPrice, type Tokens } from './cost.ts'
export { pricesOf, tablePrice } from './table.ts'
