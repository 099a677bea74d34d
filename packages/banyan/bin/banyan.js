#!/usr/bin/env node
// Runs on any Node that knows modules, far enough to find a newer one or to say that it is missing: hence no newer syntax than Node 12's.
import { spawn } from 'child_process'
import { existsSync } from 'fs'
import { dirname, join } from 'path'
import { fileURLToPath } from 'url'

/** The first Node that reads TypeScript by itself and without a flag. */
const NEEDED = [22, 19]
/** Set for the Node that was found, so that one that is too old as well says so instead of searching again. */
const FOUND = 'BANYAN_NODE'

if (newEnough()) run()
else if (process.env[FOUND]) refuse()
else {
  const node = findNode(process.cwd()) || findNode(dirname(fileURLToPath(import.meta.url)))
  if (node) runWith(node)
  else refuse()
}

function newEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
}

function run() {
  delete process.env[FOUND]
  // the package by its own name: sources in its repository, compiled files where it is installed
  import('banyan/cli')
    .then(({ main }) => main(process.argv.slice(2)))
    .then(
      (code) => {
        process.exitCode = code
      },
      (error) => {
        console.error(error)
        process.exitCode = 1
      },
    )
}

/** The node that a project pins as a dependency, in the nearest node_modules from `folder` upward. */
function findNode(folder) {
  const places = process.platform === 'win32' ? ['node/bin/node.exe'] : ['.bin/node', 'node/bin/node']
  for (const place of places) {
    const path = join(folder, 'node_modules', place)
    if (existsSync(path)) return path
  }
  const parent = dirname(folder)
  return parent === folder ? undefined : findNode(parent)
}

/** Hands over to another Node: same arguments, streams, signals and end. */
function runWith(node) {
  const env = Object.assign({}, process.env, { [FOUND]: node })
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // a terminal sends Ctrl-C to both processes itself, and twice would mean something else
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal))
  }
  child.on('error', (error) => {
    console.error(`banyan: ${node} could not be started: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    if (!signal) return process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function refuse() {
  console.error(`banyan: Node ${NEEDED.join('.')} or newer is needed, and ${process.execPath} is ${process.versions.node}.`)
  console.error('Install a newer Node, or pin one in the project: npm install --save-dev node@24')
  process.exitCode = 1
}
