export {
  type Chain,
  type Credit,
  chain,
  chains,
  credit,
  dollarText,
  type Movement,
  movement,
  type Standing,
  standing,
  standings,
  type TopUp,
  type TopUpState,
  topUp,
  topUpState,
  topUpStates,
} from './credit.ts'
export { creditHistory, giveCredit, showCredit, showTopUp, topUpCredit } from './routes.ts'
