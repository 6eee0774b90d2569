// Names of users that a Linux machine of ours has itself, or that its people take for such.

const system = `adm admin administrator agent backup bin caddy conductor daemon dbus docker ftp games git gnats guest halt irc
kmem list lp lxd mail man messagebus mysql news nginx nobody node nogroup operator polkitd postgres proxy redis root rtkit
shutdown spoq spoq-agent spoq-conductor spoq-tools sshd staff sudo sync sys syslog tcpdump tools tss tty ubuntu users utmp
uucp uuidd video wheel www www-data`

const reserved = new Set(system.split(/\s+/))

/** Whether nobody can call a profile so. */
export const isReserved = (name: string): boolean => reserved.has(name) || /^(_|systemd-)/.test(name)
