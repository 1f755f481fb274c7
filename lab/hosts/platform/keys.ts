/** What a target of a listener is known by. */
export const targetKey = (
  listenerId: string,
  { instanceId, port }: { instanceId: string; port: number },
): string => `${listenerId} ${instanceId}:${port}`;
