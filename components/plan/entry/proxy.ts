import { type HostNeeds } from "../needs";
import { ports } from "../ports";

/** What a host needs to run HAProxy for everybody. */
export const proxyNeeds: HostNeeds = {
  packages: ["haproxy"],
  sysctls: [
    {
      why: "Enough local ports for connections to the masters, and dead peers found in a minute, not in two hours.",
      settings: {
        "net.ipv4.ip_local_port_range": `${ports.firstLocal} 65000`,
        "net.ipv4.tcp_keepalive_time": "60",
        "net.core.somaxconn": "32768",
      },
    },
  ],
};
