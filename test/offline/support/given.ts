/** Where the site is, and where in it the deploy node. */
export const zone = "ap-guangzhou-3";
export const vpcCidr = "10.40.0.0/16";
export const deployNode = {
  subnetCidr: "10.40.250.0/24",
  address: "10.40.250.10",
  user: "deployer",
} as const;
