/**
 * Fields that the models call required although the real API does without them, since official clients leave them out; by
 * service and object. Each was met in a client:
 *
 * - vpc `Route`: the provider's DeleteRoutes names a route by RouteId alone.
 */
export const notRequired: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  vpc: { Route: ["DestinationCidrBlock", "GatewayType", "GatewayId"] },
};
