// Loaded at the first request, so that the command line can refuse without it. A file of its own, because a bundler gives
// a CommonJS package no names when it is imported at run time.

export { request } from 'undici'
