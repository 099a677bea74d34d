import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../free-port.ts'

/** A running nginx with one worker, in front of one upstream. */
export interface Nginx extends AsyncDisposable {
  readonly port: number
  /** Microseconds of processor time that its worker has used; the kernel counts them in hundredths of a second. */
  processorTime(): Promise<number>
}

/** Microseconds of one of the kernel's clock ticks, of which every Linux has 100 a second for user space. */
const TICK_US = 10_000

/** Starts nginx as a proxy with connections kept to the upstream, as the others have them; `undefined` where it is not installed. */
export async function startNginx(upstream: string): Promise<Nginx | undefined> {
  if (!(await isInstalled())) return undefined
  const directory = await mkdtemp(join(tmpdir(), 'banyan-nginx-'))
  const port = await freePort()
  const [file, errors] = [join(directory, 'nginx.conf'), join(directory, 'error.log')]
  await writeFile(file, configuration({ directory, port, upstream: new URL(upstream).host }))
  const child = spawn('nginx', ['-c', file, '-p', directory, '-e', errors], { stdio: 'ignore' })
  while (!(await isAnswering(port))) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${await readFile(errors, 'utf8')}`)
  }
  const worker = await workerOf(child.pid!)
  return {
    port,
    async processorTime() {
      // the name of the process, which may hold anything, stands in parentheses before the rest (proc_pid_stat(5))
      const fields = (await readFile(`/proc/${worker}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
      return (Number(fields[11]) + Number(fields[12])) * TICK_US
    },
    async [Symbol.asyncDispose]() {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
      await rm(directory, { recursive: true })
    },
  }
}

function isInstalled(): Promise<boolean> {
  return promisify(execFile)('nginx', ['-v']).then(
    () => true,
    (error: { code?: unknown }) => error.code !== 'ENOENT',
  )
}

function configuration({ directory, port, upstream }: { readonly directory: string; readonly port: number; readonly upstream: string }): string {
  return `
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_requests 1000000;
  upstream orders { server ${upstream}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://orders;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`
}

function isAnswering(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/orders/o1`).then(
    async (answer) => (await answer.arrayBuffer()).byteLength > 0,
    () => false,
  )
}

async function workerOf(master: number): Promise<string> {
  const [worker] = (await readFile(`/proc/${master}/task/${master}/children`, 'utf8')).trim().split(' ')
  if (!worker) throw new Error('nginx has no worker')
  return worker
}
