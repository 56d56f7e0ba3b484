// DNS messages over TCP: each after its length in two bytes (RFC 1035, section 4.2.2).

/** Returns the first complete message of what was received and the rest; undefined while it is incomplete. */
export function readFrame(received: Buffer): { readonly message: Buffer; readonly rest: Buffer } | undefined {
  if (received.length < 2) return undefined
  const end = 2 + received.readUInt16BE(0)
  return received.length < end
    ? undefined
    : { message: received.subarray(2, end), rest: received.subarray(end) }
}

export function writeFrame(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}
