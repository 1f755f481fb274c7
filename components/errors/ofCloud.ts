import * as pulumi from "@pulumi/pulumi";
import { OneResize } from "../oneResize";
import { cloudErrorHook } from "./errorHook";
import { instanceToken, Turns } from "./turns";

/**
 * What holds for every resource of the cloud: it is made after the preflight, instances in turns, machines of a pool are resized one at a time, and its
 * errors are explained. A transformation, so that no kind of resource can be forgotten.
 */
export function ofCloud(name: string) {
  const turns = new Turns();
  const onError = [cloudErrorHook(`${name}-cloud-error`, turns)];
  const ofInstance = {
    onError,
    beforeCreate: [turns.hook(`${name}-instance-turn`)],
    beforeUpdate: [new OneResize().hook(`${name}-one-resize`)],
  };
  let before: pulumi.Resource | undefined;
  const transformation: pulumi.ResourceTransformation = ({ type, props, opts }) =>
    type.startsWith("tencentcloud:")
      ? {
          props,
          opts: pulumi.mergeOptions(opts, {
            hooks: type === instanceToken ? ofInstance : { onError },
            ...(before === undefined ? {} : { dependsOn: before }),
          }),
        }
      : undefined;
  return {
    transformation,
    after: (resource: pulumi.Resource) => {
      before = resource;
    },
  };
}
