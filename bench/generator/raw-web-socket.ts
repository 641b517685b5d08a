import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** Gets a text message where it lies in the buffer, which is another's again when this returns. */
export type OnText = (bytes: Buffer, start: number, end: number) => void

interface RawWebSocketOptions {
  port: number
  path: string
  onOpen: () => void
  onText: OnText
  /** It is gone, whoever ended it; the code is that of a close frame, 1006 without one. */
  onClose: (code: number, reason: string) => void
}

/** All sockets read into one buffer, one after the other: what is left of a message is copied aside. */
const READ_BUFFER = Buffer.allocUnsafe(256 << 10)
const NOTHING = Buffer.alloc(0)
const NORMAL_CLOSURE = Buffer.from([0x03, 0xe8])
const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 }

/**
 * A WebSocket client (RFC 6455) with as little between the kernel and the caller as Node allows, so that what is measured is the
 * server: no streams for reading, no masking beyond a mask of zeros, no checks of UTF-8. It expects whole messages, as servers send.
 */
export class RawWebSocket {
  readonly #socket: Socket
  readonly #options: RawWebSocketOptions
  #isOpen = false
  #rest = NOTHING
  #closeCode = 1006
  #closeReason = ''
  #isCorked = false

  constructor(options: RawWebSocketOptions) {
    this.#options = options
    this.#socket = connect({
      host: '127.0.0.1',
      port: options.port,
      onread: {
        buffer: READ_BUFFER,
        callback: (count) => {
          this.#receive(READ_BUFFER, count)
          return true
        },
      },
    })
    this.#socket.setNoDelay(true)
    this.#socket.on('connect', () => this.#socket.write(handshake(options)))
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => options.onClose(this.#closeCode, this.#closeReason))
  }

  /** Messages of one turn leave in one system call. */
  send(text: string): void {
    this.#write(OPCODE.text, Buffer.from(text))
  }

  /** Stops reading, as a client that hangs; the kernel's buffers fill up. */
  pause(): void {
    this.#socket.pause()
  }

  /** Gone without a goodbye. */
  drop(): void {
    this.#socket.resetAndDestroy()
  }

  /** Begins the closing handshake; the server ends it. */
  close(): void {
    this.#write(OPCODE.close, NORMAL_CLOSURE)
  }

  #write(opcode: number, payload: Buffer): void {
    if (this.#socket.destroyed) return
    if (!this.#isCorked) {
      this.#isCorked = true
      this.#socket.cork()
      queueMicrotask(() => {
        this.#isCorked = false
        this.#socket.uncork()
      })
    }
    this.#socket.write(maskedFrame(opcode, payload))
  }

  #receive(bytes: Buffer, count: number): void {
    let end = count
    let chunk = bytes
    if (this.#rest.length > 0) {
      chunk = Buffer.concat([this.#rest, bytes.subarray(0, count)])
      end = chunk.length
    }
    let at = 0
    if (!this.#isOpen) {
      at = this.#readHandshake(chunk, end)
      if (at === 0) return
    }
    const read = this.#readFrames(chunk, at, end)
    this.#rest = read < end ? Buffer.from(chunk.subarray(read, end)) : NOTHING
  }

  #readHandshake(chunk: Buffer, end: number): number {
    const head = chunk.indexOf('\r\n\r\n', 0, 'latin1')
    if (head < 0 || head >= end) {
      this.#rest = Buffer.from(chunk.subarray(0, end))
      return 0
    }
    const status = chunk.toString('latin1', 0, 12)
    if (status !== 'HTTP/1.1 101') {
      this.#closeReason = status
      this.#socket.destroy()
      return 0
    }
    this.#isOpen = true
    this.#options.onOpen()
    return head + 4
  }

  /** Returns where the first incomplete frame begins. */
  #readFrames(chunk: Buffer, from: number, end: number): number {
    let at = from
    while (end - at >= 2) {
      const opcode = (chunk[at] ?? 0) & 0x0f
      let length = (chunk[at + 1] ?? 0) & 0x7f
      let payload = at + 2
      if (length === 126) {
        payload += 2
        if (payload > end) return at
        length = chunk.readUInt16BE(at + 2)
      } else if (length === 127) {
        payload += 8
        if (payload > end) return at
        length = Number(chunk.readBigUInt64BE(at + 2))
      }
      if (payload + length > end) return at
      if (opcode === OPCODE.text) this.#options.onText(chunk, payload, payload + length)
      else this.#control(opcode, chunk.subarray(payload, payload + length))
      at = payload + length
    }
    return at
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.ping) this.#write(OPCODE.pong, Buffer.from(payload))
    if (opcode !== OPCODE.close) return
    if (payload.length >= 2) {
      this.#closeCode = payload.readUInt16BE(0)
      this.#closeReason = payload.toString('utf8', 2)
    }
    this.#socket.end()
  }
}

/** With all that a browser sends: servers may keep it for as long as the connection lives. */
function handshake({ port, path }: RawWebSocketOptions): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Pragma: no-cache',
    'Cache-Control: no-cache',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36',
    'Upgrade: websocket',
    `Origin: http://127.0.0.1:${port}`,
    'Sec-WebSocket-Version: 13',
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Accept-Language: en-GB,en;q=0.9',
    `Cookie: session=${randomBytes(48).toString('base64url')}`,
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
    '\r\n',
  ].join('\r\n')
}

/** A client must mask; with a mask of zeros the bytes stay as they are. */
function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const extended = length < 126 ? 0 : 2
  if (length > 0xffff) throw new RangeError('Unable to send; the generator has no messages above 64 KiB')
  const frame = Buffer.allocUnsafe(6 + extended + length)
  frame[0] = 0x80 | opcode
  frame[1] = 0x80 | (extended ? 126 : length)
  if (extended) frame.writeUInt16BE(length, 2)
  frame.writeUInt32LE(0, 2 + extended)
  payload.copy(frame, 6 + extended)
  return frame
}
