import { z } from 'zod';
import { text, unknownKeys } from './config-settings';

const SUBNETS = 'a list of 1 to 16 ids of subnets (subnet-…)';
const GROUPS = 'a list of 1 to 5 ids of security groups (sg-…)';
/** Subnets and security groups that the functions are put into. */
export const vpcConfig = z.strictObject(
  {
    subnetIds: z
      .array(text(/^subnet-[0-9a-f]{8,17}$/, SUBNETS), SUBNETS)
      .min(1, SUBNETS)
      .max(16, SUBNETS)
      .describe('In different zones, with a way to the endpoints.'),
    securityGroupIds: z
      .array(text(/^sg-[0-9a-f]{8,17}$/, GROUPS), GROUPS)
      .min(1, GROUPS)
      .max(5, GROUPS)
      .describe('They must let 443 out; nothing comes in.'),
  },
  { error: unknownKeys('an object with subnetIds and securityGroupIds') },
);
