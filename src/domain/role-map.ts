/** Which roles of a backup are called otherwise where it is restored: the old name, then the new one. */
export type RoleMap = ReadonlyMap<string, string>;

export const noRoles: RoleMap = new Map();

export function mappedRole(roles: RoleMap, name: string): string {
  return roles.get(name) ?? name;
}
