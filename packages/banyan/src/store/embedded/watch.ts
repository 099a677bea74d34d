import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { WatchOrder } from './watcher.ts'

/** Starts the watching process of a server, which outlives this one. */
export function startWatcher(order: WatchOrder): void {
  // the sources run as .ts, the published package as .js
  const self = fileURLToPath(import.meta.url)
  const script = self.replace(/watch\.[jt]s$/, `watcher${extname(self)}`)
  const { NODE_OPTIONS: _inspectors, ...environment } = process.env
  const child = spawn(process.execPath, [script], { cwd: '/', detached: true, stdio: 'ignore', env: { ...environment, BANYAN_WATCH: JSON.stringify(order) } })
  // without it the server is still stopped by whoever leaves last
  child.on('error', () => {})
  child.unref()
  if (child.pid !== undefined) yieldTo(child.pid)
}

/** Its start must not slow down that of the app. */
function yieldTo(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW)
  } catch {
    // it has ended already, or the system does not allow it: neither matters
  }
}
