import * as pulumi from "@pulumi/pulumi";
import { OneResize } from "../oneResize";
import { cloudErrorHook } from "./errorHook";
import { instanceToken, Turns } from "./turns";

/** Of keys, and of what stands for settings that no living cluster takes up. */
const localToken = "command:local:Command";

/**
 * What holds for every resource of the cloud: it is made after what may refuse it, instances in turns, machines of a pool are resized one at a time, and
 * its errors are explained. Local commands wait as well: a cluster that the preflight refuses has no setting yet that stays, its name included. A
 * transformation, so that no kind of resource can be forgotten.
 */
export function ofCloud(name: string) {
  const turns = new Turns();
  const onError = [cloudErrorHook(`${name}-cloud-error`, turns)];
  const ofInstance = {
    onError,
    beforeCreate: [turns.hook(`${name}-instance-turn`)],
    beforeUpdate: [new OneResize().hook(`${name}-one-resize`)],
  };
  let dependsOn: pulumi.Resource[] = [];
  const transformation: pulumi.ResourceTransformation = ({ type, props, opts }) => {
    const isOfCloud = type.startsWith("tencentcloud:");
    if (!isOfCloud && type !== localToken) return undefined;
    return {
      props,
      opts: pulumi.mergeOptions(opts, {
        ...(isOfCloud && { hooks: type === instanceToken ? ofInstance : { onError } }),
        dependsOn,
      }),
    };
  };
  return {
    transformation,
    /** What is made from here on waits for these. */
    after: (resources: pulumi.Resource[]) => {
      dependsOn = resources;
    },
  };
}
