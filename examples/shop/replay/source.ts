import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { csvOf, generate } from './generate.ts'

const INVOICES = 300

/** A file of a shop that never was, for where there is no real one; the same for the same seed. */
export async function generatedFile(directory: string, seed: number): Promise<string> {
  const path = join(directory, `generated-${seed}.csv`)
  await writeFile(path, csvOf(generate(INVOICES, seed)))
  return path
}
