import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export type DnsRecord =
  | { readonly type: 'A'; readonly ttl: number; readonly address: string }
  | { readonly type: 'AAAA'; readonly ttl: number; readonly address: string }
  | { readonly type: 'SRV'; readonly ttl: number; readonly priority: number; readonly weight: number; readonly port: number; readonly target: string }

/** A name server for A, AAAA (RFC 3596) and SRV (RFC 2782) records over UDP, in the message format of RFC 1035, section 4. */
export interface DnsResponder extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly server: string
  /** What each name has; a name that is not here does not exist. */
  readonly zone: Map<string, readonly DnsRecord[]>
  /** Names asked for, with their types, in their order. */
  readonly asked: string[]
  /** Answers SERVFAIL to everything while true. */
  failing: boolean
}

const types = { A: 1, AAAA: 28, SRV: 33 } as const
const SERVFAIL = 2
const NXDOMAIN = 3
const HEADER = 12

export async function dnsResponder(): Promise<DnsResponder> {
  const socket = createSocket('udp4')
  const zone = new Map<string, readonly DnsRecord[]>()
  const asked: string[] = []
  socket.on('message', (message, from) => {
    const { name, type, end } = question(message)
    asked.push(`${name} ${Object.entries(types).find(([, number]) => number === type)?.[0] ?? type}`)
    const records = zone.get(name)
    const code = responder.failing ? SERVFAIL : records ? 0 : NXDOMAIN
    const answers = code === 0 ? records!.filter((record) => types[record.type] === type) : []
    const header = Buffer.alloc(HEADER)
    message.copy(header, 0, 0, 2)
    // an authoritative answer, recursion asked for and available
    header.writeUInt16BE(0x8580 | code, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(answers.length, 6)
    socket.send(Buffer.concat([header, message.subarray(HEADER, end), ...answers.map(answer)]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const responder: DnsResponder = {
    server: `127.0.0.1:${socket.address().port}`,
    zone,
    asked,
    failing: false,
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
  return responder
}

function question(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = HEADER
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('ascii', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 }
}

function answer(record: DnsRecord): Buffer {
  const data = dataOf(record)
  const head = Buffer.alloc(HEADER)
  // a pointer to the name in the question
  head.writeUInt16BE(0xc000 | HEADER, 0)
  head.writeUInt16BE(types[record.type], 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(record.ttl, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

function dataOf(record: DnsRecord): Buffer {
  if (record.type === 'A') return Buffer.from(record.address.split('.').map(Number))
  if (record.type === 'AAAA') return groups(record.address)
  const numbers = Buffer.alloc(6)
  numbers.writeUInt16BE(record.priority, 0)
  numbers.writeUInt16BE(record.weight, 2)
  numbers.writeUInt16BE(record.port, 4)
  const labels = record.target.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]))
  return Buffer.concat([numbers, ...labels, Buffer.from([0])])
}

/** An IPv6 address with at most one `::`. */
function groups(address: string): Buffer {
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').filter(Boolean))
  const all = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
