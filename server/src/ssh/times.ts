/** A session that its gateway does not tell of for so long is over, in ms. */
export const lostMs = 300_000
/** A gateway tells of itself with its sessions; one that does not for a week is trusted no longer. */
export const gatewayMs = 7 * 86_400_000
/** A question whose time is over is kept for so long, that its words are not given again. */
export const questionMs = 3_600_000
