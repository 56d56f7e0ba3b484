/**
 * Settings below /proc/sys/net by name ("ipv4/ip_forward"), as text; one that the kernel does not have is not in it. Of each
 * link: "ipv4/conf/LINK/rp_filter".
 */
export type SysctlsFacts = ReadonlyMap<string, string>
