/** How the engine marks a secret in exported state. */
export const secretMark = {
  key: "4dabf18193072939515e22adb298388d",
  value: "1b47061264138c4ac30d75fd1eb44270",
} as const;

/** A resource of exported state. */
export interface Recorded {
  urn: string;
  type: string;
  custom: boolean;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  parent?: string;
  provider?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
  deletedWith?: string;
  additionalSecretOutputs?: string[];
  replaceOnChanges?: string[];
  protect?: boolean;
}

/** `pulumi stack export --show-secrets`. */
export interface Exported {
  version: number;
  deployment: { resources: Recorded[] };
}
