import { dayInWords, type MessageUse } from '@spoq/contracts/message'

/** How many messages of the month are used, in words: `97 of 100 until 1 December (UTC)`. */
export const useInWords = ({ used, most, onCredit, until }: MessageUse): string =>
  `${used} of ${most}${onCredit ? ' on Spoq credit' : ''} until ${dayInWords(until)} (UTC)`

/** The same of each limit; what nobody has used of Spoq credit is no news beside another. Empty: there is no limit. */
export const usesInWords = (uses: readonly MessageUse[] = []): string =>
  uses
    .filter(({ used, onCredit }) => !onCredit || used > 0 || uses.length === 1)
    .map(useInWords)
    .join(', ')
