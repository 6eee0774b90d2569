// The view of the computer that a command gets in bubblewrap. It starts from nothing and names what is there: the
// programs of the system, the few files of /etc that they need, and the workspace. So what is not named is hidden, known
// or not: home folders, the machine's folder with its log, keys and local socket, /run, /var, other programs' /tmp.
//
// The network is the computer's own: npm install and git clone are what commands are for. The edge asks a token there as
// of anybody, the local socket is a file and hidden. What a firewall does not keep from this computer, such as services on
// loopback or abstract sockets, is not kept from a command either.

import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { systemPath } from './clean-environment.ts'

/** What belongs to the system and holds no secrets. /nix is the whole system where it exists. */
const systemFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store']

/** What programs look up in /etc. Never all of it: as root a command could read shadow, host keys and certificates' keys. */
const etc = [
  'alternatives',
  'bash.bashrc',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'debian_version',
  'fonts',
  'gai.conf',
  'group',
  'host.conf',
  'hosts',
  'inputrc',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'locale.alias',
  'localtime',
  'login.defs',
  'magic',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'passwd',
  'pki/ca-trust',
  'pki/tls/certs',
  'profile',
  'profile.d',
  'protocols',
  'python3',
  'resolv.conf',
  'services',
  'shells',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
]

interface View {
  workspace: string
  cwd: string
  /** The Node that runs this: programs in the sandbox find it too, wherever it was installed. */
  node: string
}

/**
 * The arguments of `bwrap` before the command. The environment is inherited, and not among them: everybody may read a
 * program's arguments.
 * @throws Error when the workspace stands inside a folder of the system: then its neighbours would be seen.
 */
export function bubblewrapArguments({ workspace, cwd, node }: View): string[] {
  const around = systemFolders.find(folder => isInside(folder, workspace) || isInside(workspace, folder))
  if (around) throw new Error(`the workspace ${workspace} and ${around} overlap: move the data folder`)
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--cap-drop', 'ALL', '--die-with-parent', '--new-session', '--hostname', 'machine'],
    ...systemFolders.flatMap(systemFolder),
    ...etc.flatMap(name => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ...nodeArguments(node),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--tmpfs', '/var/tmp', '--dir', '/run'],
    ...['--bind', workspace, workspace, '--remount-ro', '/', '--chdir', cwd],
    ...['--setenv', 'PATH', `${systemPath}:${dirname(node)}`, '--'],
  ]
}

/** On most systems /bin and /lib are links into /usr; they are so in the view. */
function systemFolder(folder: string): string[] {
  if (!existsSync(folder)) return []
  return lstatSync(folder).isSymbolicLink()
    ? ['--symlink', readlinkSync(folder), folder]
    : ['--ro-bind', folder, folder]
}

/** Node and npm alone, not what stands beside them: that may be a person's own folder. */
function nodeArguments(node: string): string[] {
  if (systemFolders.some(folder => isInside(folder, node))) return []
  const modules = join(dirname(dirname(node)), 'lib/node_modules/npm')
  const links = ['npm', 'npx'].map(name => join(dirname(node), name)).filter(isLink)
  return [
    ...['--ro-bind', node, node, '--ro-bind-try', modules, modules],
    ...(basename(node) === 'node' ? [] : ['--symlink', basename(node), join(dirname(node), 'node')]),
    ...links.flatMap(link => ['--symlink', readlinkSync(link), link]),
  ]
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

const isInside = (folder: string, path: string) => !relative(folder, path).startsWith('..')
