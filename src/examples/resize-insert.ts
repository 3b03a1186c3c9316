// Inserts, in a transaction of its own pool, what resize-work.ts works in another process: DATABASE_URL=… npx tsx src/examples/resize-insert.ts cat.png
import pg from "pg";
import { Client, postgres } from "../index.ts";
import { resize } from "./resize.ts";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const client = new Client(postgres(pool)); // without queues it only inserts

const tx = await pool.connect();
try {
  await tx.query("begin");
  await tx.query("create table if not exists images (file text primary key)");
  for (const file of process.argv.slice(2)) {
    await tx.query("insert into images values ($1)", [file]);
    await client.insert(resize({ file, width: 200 }), { tx });
    console.log(`asked for ${file}`);
  }
  await tx.query("commit"); // only now a worker hears of it
} catch (error) {
  await tx.query("rollback");
  throw error;
} finally {
  tx.release();
}
await pool.end();
