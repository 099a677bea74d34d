import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { CsvReader, MalformedFile, type CsvRecord } from './csv.ts'
import { Invoices, type Invoice } from './invoice.ts'
import { Sheet } from './sheet.ts'

/** The invoices of a file, `.csv` or `.csv.gz`, as it is read: no more of it is in memory than a piece. `limit`: how many, all unless said. */
export async function* invoicesOf(path: string, limit = Infinity): AsyncGenerator<Invoice> {
  const invoices = new Invoices()
  let sheet: Sheet | undefined
  let given = 0
  for await (const records of recordsOf(path)) {
    for (const record of records) {
      if (!sheet) sheet = new Sheet(record)
      else
        for (const invoice of invoices.add(sheet.read(record))) {
          if (given++ === limit) return
          yield invoice
        }
    }
  }
  if (!sheet) throw new MalformedFile(1, 'the file is empty')
  for (const invoice of invoices.end()) {
    if (given++ === limit) return
    yield invoice
  }
}

async function* recordsOf(path: string): AsyncGenerator<readonly CsvRecord[]> {
  const reader = new CsvReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const text = (bytes: Uint8Array | undefined): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode()
    } catch {
      throw new MalformedFile(reader.line, 'from here on there are bytes that are not UTF-8')
    }
  }
  for await (const bytes of bytesOf(path)) yield reader.read(text(bytes))
  yield [...reader.read(text(undefined)), ...reader.end()]
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path)
  if (!path.endsWith('.gz')) return yield* file
  const unpacked = createGunzip({ chunkSize: 65_536 })
  file.on('error', (error) => unpacked.destroy(error))
  yield* file.pipe(unpacked)
}
