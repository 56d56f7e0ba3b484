// The far end of the flows: echoes UDP and TCP, answers HTTP. Runs in a container's network until
// it is stopped.
import { createServer as createWeb } from 'node:http'
import { createServer } from 'node:net'
import { createSocket } from 'node:dgram'
import { HTTP_PORT, TCP_PORT, UDP_PORT } from './ports.ts'

const udp = createSocket('udp4')
udp.on('message', (data, { address, port }) => udp.send(data, port, address))
udp.bind(UDP_PORT)
createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.pipe(socket)
}).listen(TCP_PORT)
createWeb((_, response) => response.end('fine\n')).listen(HTTP_PORT, () => process.stdout.write('ready\n'))
