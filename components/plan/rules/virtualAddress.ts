import { layout } from "../addresses";
import { parseCidr, readAddress } from "../cidr";
import { type Problem } from "../problems";

/** What is wrong with a virtual address of the API that was chosen: it has to be one of those that no host can get. */
export function vipProblems(path: string, vip: string, subnetCidr: string): Problem[] {
  const offset = (readAddress(vip) ?? 0) - parseCidr(subnetCidr).first;
  if (offset >= layout.vip && offset < layout.bastion.first) return [];
  return [
    {
      path,
      message: `got ${vip}, but the addresses for it are ${layout.vip} to ${layout.bastion.first - 1} of ${subnetCidr}`,
      fix: "Use one of those, or leave it out",
    },
  ];
}
