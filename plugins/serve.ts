// The entry points of runtimes' calls, one per protocol.

export { runPlugin } from './cni/serve.ts'
export { runNetavark } from './netavark/serve.ts'
