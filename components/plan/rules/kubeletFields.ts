import { freeKubeletFields, ownerOfField } from "../kubeletFields";
import { type ReadSections } from "../parse";
import { didYouMean, type Problem } from "../problems";

/** Fields of the kubelet's configuration: none of the cluster's own, and none that no kubelet has, which it would pass over. */
export function kubeletFieldProblems({ kubelet }: ReadSections): Problem[] {
  return Object.keys(kubelet?.extraConfig ?? {}).flatMap((field): Problem[] => {
    const path = `kubelet.extraConfig.${field}`;
    const owner = ownerOfField(field);
    if (owner !== undefined) {
      const { setting } = owner;
      const more = setting === undefined ? "" : `; what decides on it is ${setting}`;
      return [{ path, message: "the cluster sets this field itself", fix: `Take it out${more}` }];
    }
    if (freeKubeletFields.includes(field)) return [];
    const meant = didYouMean(field, freeKubeletFields);
    const fix = meant === undefined ? "Take it out" : `Did you mean kubelet.extraConfig.${meant}`;
    return [{ path, message: "KubeletConfiguration has no such field", fix }];
  });
}
