import { type Database, pglite, postgres } from "../index.ts";

/** Where the examples run: the Postgres of DATABASE_URL, or one in this process that is gone when it ends. */
export const openDatabase = async (): Promise<Database> => {
  const url = process.env.DATABASE_URL;
  return url === undefined ? await pglite() : postgres(url);
};
