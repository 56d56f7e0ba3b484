// The ports of the flows.
export const UDP_PORT = 7000
export const TCP_PORT = 7001
export const HTTP_PORT = 7002
