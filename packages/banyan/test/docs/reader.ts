import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from '../../src/cli/ports.ts'
import { testServer } from '../../src/testing/database.ts'
import { root } from '../house/source.ts'
import { Walk } from './walk.ts'

const modules = join(root, 'node_modules')

export interface ReaderOptions {
  /** Where the reader begins; one that is removed afterwards unless said. */
  readonly folder?: string
  /** The project's folder, below the one where the reader begins. */
  readonly project: string
  /** What stands on the page for something else here. */
  readonly known: Readonly<Record<string, string>>
  /** Whether the programs of this repository are at hand; else those of the machine, and what the page installs. */
  readonly atHome: boolean
}

/** A reader with a folder, a free port for 3000, and a PostgreSQL of their own at the address that pages show. */
export async function reader({ folder = readersFolder(), project, known, atHome }: ReaderOptions): Promise<Walk> {
  const server = await testServer()
  const port = String(await freePort(0, '127.0.0.1'))
  const addresses = {
    'localhost:3000': `localhost:${port}`,
    '127.0.0.1:3000': `127.0.0.1:${port}`,
    "DATABASE_URL='postgres://me:secret@localhost:5432/theatre'": `BANYAN_APP_NAME=${server.app} DATABASE_URL='${server.url}'`,
  }
  const end = async (): Promise<void> => {
    await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  }
  return new Walk({ folder, project: join(folder, project), env: environment(port, atHome), known: { ...addresses, ...known }, end })
}

export function readersFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-reader-'))
  // where root runs this, the embedded server's own user has to pass through
  chmodSync(folder, 0o755)
  return folder
}

/** Stands for an installation: what is installed in the repository. */
export const linkModules: string = `ln -s ${modules} node_modules`

/** The one of this process, without what this run has set for itself. */
function environment(port: string, atHome: boolean): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_(?!config_(?:registry|userconfig|cache)$)|BANYAN_|VITEST|NODE|PG|DATABASE_URL$|TEST|INIT_CWD$|FORCE_COLOR$|DEBUG$)/.test(name),
  )
  const path = process.env['PATH']!.split(delimiter).filter((folder) => !folder.includes('node_modules'))
  return { ...Object.fromEntries(own), PATH: [...(atHome ? [join(modules, '.bin')] : []), ...path].join(delimiter), PORT: port, NO_COLOR: '1' }
}
