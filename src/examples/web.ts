// A web app. An order and the job that confirms it are written in one transaction: both are there, or neither.
// curl -d '{"item":"tea"}' -H 'content-type: application/json' http://localhost:3000/orders
import express from "express";
import { Client, job, worker } from "../index.ts";
import { openDatabase } from "./database.ts";

const confirmOrder = job<{ orderId: number }>("confirm_order");

const db = await openDatabase();
const client = new Client(db, {
  queues: { default: { maxWorkers: 10 } },
  workers: [worker(confirmOrder, ({ args }) => console.log(`confirmed order ${args.orderId}`))],
});
await client.migrate();
await db.query("create table if not exists orders (id serial primary key, item text not null)", []);
const running = await client.start({ signals: [] });

const app = express();
app.post("/orders", express.json(), async (request, response) => {
  const { item } = request.body ?? {};
  if (typeof item !== "string") return void response.sendStatus(400);
  const orderId = await db.begin(async (tx) => {
    const sql = "insert into orders (item) values ($1) returning id";
    const { rows } = await tx.query<{ id: number }>(sql, [item]);
    const [order] = rows;
    if (order === undefined) throw new Error("The insert must return a row.");
    await client.insert(confirmOrder({ orderId: order.id }), { tx });
    return order.id;
  });
  response.status(201).json({ orderId });
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : address;
  console.log(`listening on http://localhost:${port}`);
});

process.once("SIGTERM", async () => {
  server.close();
  await running.stop();
  await db.close();
  console.log("stopped");
});
