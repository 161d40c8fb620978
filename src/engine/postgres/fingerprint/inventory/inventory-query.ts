/**
 * One query for one kind of object. A row is an object: `name`, unique within the kind, and its facts as further columns.
 * Facts are only what pg_dump and a restore keep letter for letter: never OIDs, never an expression as the server prints
 * it (it prints it differently after a round trip). Every query runs with search_path = pg_catalog, so that names of
 * types, functions and operators come out qualified.
 */

export interface InventoryQuery {
  readonly kind: string;
  readonly sql: string;
}

/** Queries of a server of the given major version. Facts that an old version does not know have the value they mean. */
export type InventoryQueries = (major: number) => readonly InventoryQuery[];

/** Schemas whose objects pg_dump looks at (pg_dump.c, selectDumpableNamespace). */
export function isUserSchema(alias: string): string {
  return `${alias}.nspname !~ '^pg_' and ${alias}.nspname <> 'information_schema'`;
}

/** True for what the extension brings itself when it is created (pg_dump.c, checkExtensionMembership). */
export function isNoMember(catalog: string, oid: string): string {
  return `not exists (select from pg_depend x where x.classid = 'pg_catalog.${catalog}'::regclass
    and x.objid = ${oid} and x.objsubid = 0 and x.deptype = 'e')`;
}

/** Objects that initdb made have lower numbers (access/transam.h, FirstNormalObjectId). */
export function isUserMade(oid: string): string {
  return `${oid} >= 16384`;
}

/** An array of options in one order, null when there is none. */
export function sorted(options: string): string {
  return `(select array_agg(so order by so collate "C") from unnest(${options}) as so)`;
}

/** Names of a relation's columns by their numbers, in the order of the numbers given; null stands for an expression. */
export function columnNames(relation: string, numbers: string): string {
  return `(select array_agg(na.attname::text order by nk.at)
    from unnest(${numbers}) with ordinality as nk(number, at)
    left join pg_attribute na on na.attrelid = ${relation} and na.attnum = nk.number and nk.number <> 0)`;
}

/** `"schema"."name"` of a row of pg_class. */
export function relationName(oid: string): string {
  return `(select format('%I.%I', rn.nspname, rc.relname)
    from pg_class rc join pg_namespace rn on rn.oid = rc.relnamespace where rc.oid = ${oid})`;
}

/** A collation's name; null for none. */
export function collationName(oid: string): string {
  return `(select format('%I.%I', cn.nspname, cc.collname)
    from pg_collation cc join pg_namespace cn on cn.oid = cc.collnamespace where cc.oid = ${oid})`;
}

/** An operator class's name. */
export function opclassName(oid: string): string {
  return `(select format('%I.%I', pn.nspname, pc.opcname)
    from pg_opclass pc join pg_namespace pn on pn.oid = pc.opcnamespace where pc.oid = ${oid})`;
}

/** A function's name with its argument types; null for none. */
export function functionName(oid: string): string {
  return `nullif(${oid}::oid, 0)::regprocedure::text`;
}

/** An operator's name with its argument types; null for none. */
export function operatorName(oid: string): string {
  return `nullif(${oid}::oid, 0)::regoperator::text`;
}

/** A type's name; null for none. */
export function typeName(oid: string): string {
  return `format_type(nullif(${oid}::oid, 0), null)`;
}
