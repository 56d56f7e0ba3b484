/**
 * Settings below /proc/sys/net by name ("ipv4/ip_forward"), as text. Settings that the kernel does not have
 * are absent. Each link has "ipv4/conf/LINK/rp_filter", "ipv4/conf/LINK/forwarding",
 * "ipv6/conf/LINK/forwarding" and "ipv6/conf/LINK/disable_ipv6".
 */
export type SysctlsFacts = ReadonlyMap<string, string>
