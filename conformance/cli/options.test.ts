import { expect, test } from "vitest";
import { UsageError } from "./exit.ts";
import { budgetsOf } from "./options.ts";

test("budgets are read by name, and what is not named is as usual", () => {
  expect(budgetsOf(undefined)).toEqual({});
  expect(budgetsOf("handshake=60s,operation=1.5s")).toEqual({
    handshakeMs: 60_000,
    operationMs: 1_500,
  });
});

test.each(["", "60s", "handshake", "handshake=", "handshake=0s", "start=1s", "reset=1s,"])(
  "the budget %j is refused",
  (given) => {
    expect(() => budgetsOf(given)).toThrow(UsageError);
  },
);
