import type { Db } from "../../src/db.ts";

/**
 * Everything that the catalogue says of the first schema of the search_path, a line for each thing, in a fixed order; equal lists mean
 * that no statement can tell the two schemas apart, but for what functions do inside, and the rows. Names of schemas are left out.
 */
export async function catalogue(db: Db): Promise<string[]> {
  const lines: string[] = [];
  for (const statement of STATEMENTS) {
    const { rows } = await db.query<{ line: string }>(statement, []);
    lines.push(...rows.map((row) => row.line));
  }
  return lines;
}

const RELATIONS = `
select concat_ws(' ', 'relation', c.relname, 'kind', c.relkind, 'persistence', c.relpersistence,
  'replica identity', c.relreplident, c.reloptions::text) as line
from pg_class as c
where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
order by c.relname`;

const COLUMNS = `
select concat_ws(' ', 'column', c.relname, row_number() over (partition by c.oid order by a.attnum),
  a.attname, format_type(a.atttypid, a.atttypmod), 'default', pg_get_expr(d.adbin, d.adrelid),
  'not null', a.attnotnull, 'collation', a.attcollation::regcollation, 'storage', a.attstorage,
  'identity', a.attidentity, 'generated', a.attgenerated) as line
from pg_attribute as a
join pg_class as c on c.oid = a.attrelid
left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
  and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
order by c.relname, a.attnum`;

const CONSTRAINTS = `
select concat_ws(' ', 'constraint', t.conrelid::regclass, t.conname, t.contype,
  pg_get_constraintdef(t.oid), 'validated', t.convalidated) as line
from pg_constraint as t
where t.connamespace = (select oid from pg_namespace where nspname = current_schema())
order by t.conrelid::regclass::text, t.conname`;

const INDEXES = `
select concat_ws(' ', 'index', i.indexrelid::regclass, 'on', i.indrelid::regclass, 'primary', i.indisprimary,
  'unique', i.indisunique, 'immediate', i.indimmediate, 'valid', i.indisvalid, am.amname,
  (select string_agg(concat_ws(' ', pg_get_indexdef(i.indexrelid, k.n, false), o.opcname,
    i.indoption[k.n - 1]), ', ' order by k.n)
   from generate_series(1, i.indnkeyatts) as k (n)
   join pg_opclass as o on o.oid = i.indclass[k.n - 1]),
  'where', pg_get_expr(i.indpred, i.indrelid)) as line
from pg_index as i
join pg_class as c on c.oid = i.indexrelid
join pg_am as am on am.oid = c.relam
where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
  and i.indrelid::regclass::text !~ '^pg_toast'
order by c.relname`;

const ENUMS = `
select concat_ws(' ', 'enum', t.typname, string_agg(e.enumlabel, ', ' order by e.enumsortorder)) as line
from pg_type as t
join pg_enum as e on e.enumtypid = t.oid
where t.typnamespace = (select oid from pg_namespace where nspname = current_schema())
group by t.oid, t.typname
order by t.typname`;

const FUNCTIONS = `
select concat_ws(' ', 'function', p.proname, pg_get_function_arguments(p.oid), 'returns',
  pg_get_function_result(p.oid), l.lanname, 'kind', p.prokind, 'volatile', p.provolatile,
  'parallel', p.proparallel, 'strict', p.proisstrict, 'definer', p.prosecdef,
  'leakproof', p.proleakproof, 'cost', p.procost, p.proconfig::text) as line
from pg_proc as p
join pg_language as l on l.oid = p.prolang
where p.pronamespace = (select oid from pg_namespace where nspname = current_schema())
order by p.proname`;

const SEQUENCES = `
select concat_ws(' ', 'sequence', s.seqrelid::regclass, format_type(s.seqtypid, null), 'start', s.seqstart,
  'increment', s.seqincrement, 'from', s.seqmin, 'to', s.seqmax, 'cycle', s.seqcycle, 'owned by',
  d.refobjid::regclass, a.attname, d.deptype) as line
from pg_sequence as s
join pg_class as c on c.oid = s.seqrelid
left join pg_depend as d on d.objid = s.seqrelid and d.refobjsubid > 0
left join pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
order by c.relname`;

// Printed without the schema, which pg_get_triggerdef names unless told to be pretty.
const TRIGGERS = `
select concat_ws(' ', 'trigger', pg_get_triggerdef(g.oid, true), 'enabled', g.tgenabled) as line
from pg_trigger as g
join pg_class as c on c.oid = g.tgrelid
where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
  and not g.tgisinternal
order by c.relname, g.tgname`;

const STATEMENTS = [
  RELATIONS,
  COLUMNS,
  CONSTRAINTS,
  INDEXES,
  ENUMS,
  FUNCTIONS,
  SEQUENCES,
  TRIGGERS,
];
