import { stateLabels, type TableShape, tableShapes } from "./shape.ts";
import type { Survey } from "./survey.ts";

/**
 * In what a schema is not what River's main line is at `version` (0 means nothing), a sentence each. With `neededOnly`, only what
 * the queue cannot do without: further tables, columns and states, as a later version might bring, are then no difference.
 */
export function differences(found: Survey, version: number, neededOnly: boolean): string[] {
  const tables = neededOnly ? tableShapes.filter((table) => table.needed) : tableShapes;
  return [
    ...recordDifferences(found, version),
    ...tables.flatMap((table) => tableDifferences(found, table, version)),
    ...stateDifferences(found, version),
    ...maskDifferences(found, version),
  ];
}

function recordDifferences(found: Survey, version: number): string[] {
  const columns = [...found.columns.values()].filter(({ table }) => table === "river_migration");
  if (version >= 1 || columns.length === 0) return [];
  return ["river_migration must record a version of the line main, but records none."];
}

function tableDifferences(found: Survey, table: TableShape, version: number): string[] {
  const present = [...found.columns.values()].filter((column) => column.table === table.name);
  const expected = version >= table.since && (table.until === null || version < table.until);
  if (!expected) return present.length === 0 ? [] : [`${table.name} must not exist, but does.`];
  if (present.length === 0) return [`${table.name} must exist, but does not.`];
  const columns = table.columns.filter(([, , since]) => since <= version);
  return [
    ...columns.flatMap(([name, type]) => columnDifferences(found, `${table.name}.${name}`, type)),
    ...strangers(found, table).map(
      (name) => `${name} must have a default, because River's line main has no such column.`,
    ),
  ];
}

function columnDifferences(found: Survey, name: string, type: string): string[] {
  const actual = found.columns.get(name)?.type;
  return actual === type ? [] : [`${name} must be ${type}, but is ${actual ?? "missing"}.`];
}

/** Columns that make every insert of ours fail, because no statement of ours names them. */
function strangers(found: Survey, table: TableShape): string[] {
  if (!table.needed) return [];
  const known = new Set(table.columns.map(([name]) => `${table.name}.${name}`));
  return [...found.columns]
    .filter(([name, column]) => column.table === table.name && column.mandatory && !known.has(name))
    .map(([name]) => name);
}

function stateDifferences(found: Survey, version: number): string[] {
  if (version < 2) {
    return found.states.length === 0 ? [] : ["river_job_state must not exist, but does."];
  }
  return stateLabels
    .filter((label) => label !== "pending" || version >= 4)
    .filter((label) => !found.states.includes(label))
    .map((label) => `river_job_state must have the value ${label}, but has not.`);
}

function maskDifferences(found: Survey, version: number): string[] {
  if (version < 6 || found.hasMask) return [];
  return ["river_job_state_in_bitmask(bit, river_job_state) must exist, but does not."];
}
