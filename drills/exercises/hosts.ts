import { faultsNamed } from "../contract";
import type { Exercise } from "./exercise";
import { ofFault } from "./ofFault";

/** One that is a fault of the contract. */
function contractual(name: string, fault: string, about: string, expected: string): Exercise {
  return {
    ...{ name, about, expected },
    run: (site) => ofFault(site, faultsNamed([fault])[0] as ReturnType<typeof faultsNamed>[number]),
  };
}

export const master = contractual(
  "master",
  "master-killed",
  "the host of a master loses power for 25 s",
  "the entry leads to the others; scheduler and controller-manager go on elsewhere; it serves again when it is back",
);

export const balancer = contractual(
  "balancer",
  "balancer-host-killed",
  "the host that holds the virtual address loses power for 25 s",
  "another one takes the address, and keeps it when the first is back",
);

export const physicalHost = contractual(
  "physical-host",
  "machine-killed",
  "a physical machine loses power for 30 s, with a master, a member of etcd and whoever holds the virtual address on it",
  "all roles go on with their others, and all that was on it comes back with it",
);
