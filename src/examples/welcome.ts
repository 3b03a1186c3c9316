import { type Client, job, worker } from "../index.ts";

/** What a new user gets, and again after a week. */
export const welcome = job<{ user: string; isReminder: boolean }>("welcome");

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** Called where somebody signs up. */
export async function signUp(client: Client, user: string, now: Date): Promise<void> {
  const scheduledAt = new Date(now.getTime() + WEEK_MS);
  await client.insertMany([
    welcome({ user, isReminder: false }),
    [welcome({ user, isReminder: true }), { scheduledAt }],
  ]);
}

/** `send` is the mail server's, or a test's. */
export const welcoming = (send: (to: string, subject: string) => Promise<void>) =>
  worker(welcome, async ({ args }) => {
    await send(args.user, args.isReminder ? "We miss you" : "Welcome");
  });
