import { dayInWords, type MessageUse } from '@spoq/contracts/message'

/** How many messages of the month are used, in words: `97 of 100 until 1 December (UTC)`. */
export const useInWords = ({ used, most, onCredit, until }: MessageUse): string =>
  `${used} of ${most}${onCredit ? ' on Spoq credit' : ''} until ${dayInWords(until)} (UTC)`
