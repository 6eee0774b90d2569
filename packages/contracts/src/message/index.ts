export {
  dayInWords,
  type MessageCount,
  type MessageLimits,
  type MessageUse,
  messageCount,
  messageLimits,
  messageUse,
  month,
  monthAt,
  monthEnd,
} from './message.ts'
