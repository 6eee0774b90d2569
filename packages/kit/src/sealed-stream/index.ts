export { openStream, StreamBroken, sealStream, streamKeyBytes } from './sealed-stream.ts'
