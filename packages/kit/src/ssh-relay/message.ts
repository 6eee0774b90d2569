// Numbers of SSH's messages (RFC 4250), those that are used here.

export const message = {
  disconnect: 1,
  ignore: 2,
  unimplemented: 3,
  serviceRequest: 5,
  serviceAccept: 6,
  extInfo: 7,
  userauthRequest: 50,
  userauthFailure: 51,
  userauthSuccess: 52,
  userauthBanner: 53,
  userauthPkOk: 60,
  userauthInfoRequest: 60,
  userauthInfoResponse: 61,
  globalRequest: 80,
  requestFailure: 82,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  channelData: 94,
  channelClose: 97,
  channelRequest: 98,
  channelFailure: 100,
} as const

/** All of the connection protocol. */
export const isRelayed = (type: number): boolean => type >= 80 && type <= 100

/** Why a connection is ended. */
export const disconnectReason = {
  hostNotAllowed: 1,
  protocolError: 2,
  serviceNotAvailable: 7,
  byApplication: 11,
  tooManyConnections: 12,
  noMoreAuthMethods: 14,
} as const

/** Why a channel is not opened. */
export const openFailure = { prohibited: 1, connectFailed: 2, resourceShortage: 4 } as const
