// For tests: every name below `localhost` is this computer, as RFC 6761 says and not every resolver does.
const dns = require('node:dns')

const { lookup } = dns
dns.lookup = (name, ...rest) => lookup(/\.localhost$/.test(name) ? '127.0.0.1' : name, ...rest)
