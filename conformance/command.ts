/**
 * How the command is called here, so that printed commands run as printed: from the sources in a clone, and from the package where it is
 * installed, by the package's name, for on npm the bare name `weir` is somebody else's.
 */
export const WEIR = import.meta.url.endsWith(".ts") ? "npx weir" : "npx weir-conformance";
