import { type Problem } from "../problems";
import { type ReadSections } from "../parse";
import { flagProblems } from "./flags";
import { frontendProblems } from "./frontends";
import { kindProblems } from "./kinds";
import { kubeletFieldProblems } from "./kubeletFields";
import { kubeProxyProblems } from "./kubeProxy";
import { leavingProblems } from "./leaving";
import { memberProblems } from "./members";
import { monitoringProblems } from "./monitoring";
import { networkPolicyProblems } from "./networkPolicy";
import { bastionProblems, networkProblems } from "./networks";
import { oidcProblems } from "./oidc";
import { registryProblems } from "./registry";
import { reservationProblems } from "./reservation";
import { staticPodProblems } from "./staticPods";
import { sysctlProblems } from "./sysctls";
import { versionProblems } from "./versions";
import { workerProblems } from "./workers";
import { zoneProblems } from "./zones";

/** A rule over the sections of a configuration that could be read. It says nothing about those that could not. */
export type ClusterRule = (read: ReadSections) => Problem[];

/** Every rule that holds between fields, in the order problems are listed. */
export const clusterRules: readonly ClusterRule[] = [
  kindProblems,
  memberProblems,
  leavingProblems,
  zoneProblems,
  networkProblems,
  bastionProblems,
  frontendProblems,
  registryProblems,
  monitoringProblems,
  workerProblems,
  reservationProblems,
  versionProblems,
  networkPolicyProblems,
  kubeProxyProblems,
  flagProblems,
  staticPodProblems,
  kubeletFieldProblems,
  oidcProblems,
  sysctlProblems,
];
