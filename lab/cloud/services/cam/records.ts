import type { BaseRecord } from "../../records";

/** A role: who may take it on is its document's `principal`. */
export interface RoleRecord extends BaseRecord {
  name: string;
  /** As given. */
  document: string;
  description: string;
  consoleLogin: boolean;
  /** Longest life of the role's temporary keys, in seconds. */
  sessionDuration: number;
  updatedAt: string;
}

/** A customer's own policy. Its id is a number in decimal. */
export interface CamPolicyRecord extends BaseRecord {
  name: string;
  description: string;
  /** In the one form the API answers: actions and resources are lists. */
  document: string;
  tags: { Key: string; Value: string }[];
  updatedAt: string;
}

/** A policy attached to a role; id is `<role id>/<policy id>`. */
export interface RolePolicyRecord extends BaseRecord {
  roleId: string;
  policyId: string;
}
