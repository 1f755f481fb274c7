export * from "./cluster";
export * from "./config";
export { allocatable, type Reservation, reservation } from "./reservation";
export { ports } from "./ports";
export { newestVersions, type Versions } from "./schema/versions";
export { type Duty, type Role, roles, tagNames } from "./roles";
export { quorum, tolerated } from "./topology/quorum";
export { faultTolerance } from "./topology/tolerance";
