/** The only thing the queue asks of a driver: one statement, its parameters, its rows. pg, PGlite and their transactions satisfy it. */
export interface Db {
  // No driver changes the parameters, but PGlite's type demands that it could.
  query<Row>(sql: string, params: unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

/** A driver's handle on a whole database, not on one connection: two statements sent to it may run on two connections. */
export interface Database extends Db {
  /** The schema River's tables live in; null means whatever the connection's search_path finds first. */
  readonly schema: string | null;
  /** Runs `run` in one transaction on one connection: committed when it resolves, rolled back when it rejects, with its own error rethrown. */
  begin<T>(run: (tx: Db) => Promise<T>): Promise<T>;
  /** Releases what the driver itself opened; a pool or instance that the caller handed in stays open. */
  close(): Promise<void>;
  /**
   * Hears what is sent on these topics of the schema, each on its channel `schema.topic` as River names them. Resolves once it listens, to
   * what ends it. Absent where the driver cannot listen.
   */
  listen?(topics: readonly string[], ear: Ear): Promise<() => Promise<void>>;
}

/** Who hears notifications. */
export interface Ear {
  hear(topic: string, payload: string): void;
  /** The connection broke, so that nothing more is heard: called once at most, and never after the listening was ended. */
  lost(error: unknown): void;
}
