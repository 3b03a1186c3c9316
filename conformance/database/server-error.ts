/** What is wrong with the server that Weir was given. */
export type ServerFault =
  | "not_a_url"
  | "unreachable"
  | "refused_login"
  | "database_missing"
  | "read_only"
  | "no_permission"
  | "other";

/** The server cannot be used. The message is one line and names the server without its password. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly fault: ServerFault;

  constructor(fault: ServerFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** A Postgres URL as it may be shown: user, host, port and database, never the password nor the parameters, which may hold one too. */
export function shownUrl(url: string): string {
  const parsed = parse(url);
  if (parsed === null) return "the given text";
  const user = parsed.username === "" ? "" : `${parsed.username}@`;
  return `postgres://${user}${parsed.host}${parsed.pathname}`;
}

/** Throws a `ServerError` unless the text is a Postgres URL. */
export function requireServerUrl(url: string): URL {
  const parsed = parse(url);
  if (parsed !== null) return parsed;
  throw new ServerError(
    "not_a_url",
    "the database must be a URL such as postgres://user@localhost:5432/postgres, but is none.",
  );
}

function parse(url: string): URL | null {
  const parsed = URL.parse?.(url) ?? tryParse(url);
  return parsed !== null && /^postgres(ql)?:$/.test(parsed.protocol) ? parsed : null;
}

/** Node 20 has no `URL.parse`. */
function tryParse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

type Coded = Readonly<{ code?: unknown; message?: unknown; errors?: unknown }>;

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "no host has this name",
  EAI_AGAIN: "the name could not be looked up",
  ETIMEDOUT: "it did not answer in time",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ENOENT: "no server listens on this socket",
};

const LOGIN_STATES = new Set(["28P01", "28000"]);

/** The driver's error in one line that says what to do about it. */
export function serverErrorOf(error: unknown, url: string): ServerError {
  if (error instanceof ServerError) return error;
  const { code, message } = first(error);
  const server = shownUrl(url);
  const network = NETWORK[code];
  if (network !== undefined) {
    return new ServerError("unreachable", `cannot reach ${server}: ${network}.`);
  }
  if (LOGIN_STATES.has(code) || /SASL|password must be a string/.test(message)) {
    const why = "it refuses this user or password";
    return new ServerError("refused_login", `cannot use ${server}: ${why}.`);
  }
  if (code === "3D000") {
    return new ServerError("database_missing", `cannot use ${server}: no database has this name.`);
  }
  if (code === "25006") return readOnly(url, "it takes no writes");
  if (code === "42501") return noPermission(url);
  if (/timeout|Connection terminated|SSL|certificate/i.test(message)) {
    return new ServerError("unreachable", `cannot reach ${server}: ${line(message)}.`);
  }
  return new ServerError("other", `cannot use ${server}: ${line(message)}.`);
}

/** The server takes no writes; `why` says what kind it is. */
export const readOnly = (url: string, why: string): ServerError =>
  new ServerError(
    "read_only",
    `cannot use ${shownUrl(url)}: ${why}. Give a server that can write.`,
  );

/** The user may make neither a database nor a schema. */
export const noPermission = (url: string): ServerError =>
  new ServerError(
    "no_permission",
    `cannot use ${shownUrl(url)}: this user may create neither a database nor a schema there. Grant one of them.`,
  );

/** `localhost` is tried at each of its addresses, and fails with one error for each. */
function first(error: unknown): { code: string; message: string } {
  const { code, message, errors } = (error ?? {}) as Coded;
  if (Array.isArray(errors) && errors.length > 0) return first(errors[0]);
  return { code: typeof code === "string" ? code : "", message: String(message ?? error) };
}

const line = (message: string): string => message.split("\n")[0]?.replace(/\.$/, "") ?? "";
