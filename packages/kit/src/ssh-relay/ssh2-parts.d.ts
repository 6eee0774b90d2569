declare module 'ssh2/lib/protocol/Protocol.js' {
  const Protocol: import('./library.ts').ProtocolClass
  export default Protocol
}
declare module 'ssh2/lib/protocol/constants.js' {
  const constants: { SUPPORTED_KEX: string[] }
  export default constants
}
declare module 'ssh2/lib/protocol/kex.js' {
  const parts: { KexInit: import('./library.ts').OfferClass }
  export default parts
}
declare module 'ssh2/lib/protocol/keyParser.js' {
  const parser: { parseKey: (key: string) => import('./library.ts').ParsedKey | Error }
  export default parser
}
