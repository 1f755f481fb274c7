import { readFileSync } from "node:fs";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type {
  RegisterResourceRequest,
  RegisterResourceResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { parse } from "yaml";
import { type ClusterConfigInput } from "../../../components/plan";
import { HaCluster } from "../../../components/cluster";
import { type Resource } from "../../../policy/facts/stack";
import { record, settled } from "../../unit/components/support/recording";
import { unknown } from "../judge";

type Answer = (error: unknown, response: RegisterResourceResponse) => void;
type Register = (request: RegisterResourceRequest, answer: Answer) => Promise<void>;

/** The cluster of an example, as its file has it. */
export function exampleCluster(file: string): ClusterConfigInput {
  const { config } = parse(readFileSync(file, "utf8")) as {
    config: Record<string, ClusterConfigInput>;
  };
  const cluster = config["tencentcloud-kubernetes-ha:cluster"];
  if (cluster === undefined) throw new Error(`${file} has no cluster`);
  return cluster;
}

/**
 * Every resource of a stack of ours as the engine gets it from our components: inputs, parents and what each input was made
 * from. The provider's SDK has to be mocked (see test/policy/ownStack.test.ts).
 */
export async function ownStack(config: ClusterConfigInput): Promise<Resource[]> {
  const known: Omit<Resource, "props">[] = [];
  const monitor = MockMonitor.prototype as unknown as { registerResource: Register };
  const register = monitor.registerResource;
  monitor.registerResource = function (request, answer) {
    return register.call(this, request, (error, response) => {
      known.push({
        type: request.getType(),
        name: request.getName(),
        urn: response.getUrn(),
        parent: request.getParent(),
        propertyDependencies: Object.fromEntries(
          request
            .getPropertydependenciesMap()
            .toArray()
            .map(([input, sources]) => [input, (sources as unknown as [string[]])[0]]),
        ),
        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      });
      answer(error, response);
    });
  };
  try {
    const registered = await record();
    new HaCluster(config.name, { config });
    await settled(registered);
    const inputs = new Map(registered.map(({ type, name, inputs }) => [`${type}/${name}`, inputs]));
    return known.map((one) => ({ ...one, props: inputs.get(`${one.type}/${one.name}`) ?? {} }));
  } finally {
    monitor.registerResource = register;
  }
}

/** The same as a preview of a new stack shows it: no id is known, nor any text that one is part of. */
export function inPreview(resources: readonly Resource[]): Resource[] {
  const made =
    /\b(Vpc|Subnet|SecurityGroup|PlacementGroup|KeyPair|Instance|CbsStorage|HaVip|Eip|Clb\w+|PrivateDnsZone)-/;
  const hide = (value: unknown): unknown => {
    if (typeof value === "string") return made.test(value) ? unknown : value;
    if (Array.isArray(value)) return value.map(hide);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner)]));
  };
  return resources.map((resource) => ({
    ...resource,
    props: hide(resource.props) as Record<string, unknown>,
  }));
}
