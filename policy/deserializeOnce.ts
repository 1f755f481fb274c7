// eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would be a copy of its exports, which cannot be changed
import deserialize = require("@pulumi/policy/deserialize");

type Deserialize = (properties: object, proxySecrets: boolean) => Record<string, unknown>;

/**
 * Has the SDK convert the properties of a resource once. It does so anew for each policy: of a preview of 500 nodes and 22 policies for the stack that was
 * twelve seconds of fifteen. Rules only read, so they may be given the same object. Should a later SDK convert in another way, only the time is lost.
 */
export function deserializeOnce(): void {
  // The module itself, not a copy of what it exports: its own functions call it by that.
  const sdk = deserialize as { deserializeProperties: Deserialize };
  sdk.deserializeProperties = once(sdk.deserializeProperties);
}

/** Keeps what was made of each message for as long as the message is there. */
export function once(convert: Deserialize): Deserialize {
  const kept = [
    new WeakMap<object, Record<string, unknown>>(),
    new WeakMap<object, Record<string, unknown>>(),
  ];
  return (properties, proxySecrets) => {
    const known = kept[Number(proxySecrets)];
    const converted = known?.get(properties) ?? convert(properties, proxySecrets);
    known?.set(properties, converted);
    return converted;
  };
}
