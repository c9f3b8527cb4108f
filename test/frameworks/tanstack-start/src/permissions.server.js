import { definePermissions } from 'bulwark';

export const permissions = definePermissions({
  'figures:see': (principal) => principal.roles.includes('operator'),
});
