console.error("no LIAR_URL");
process.exit(1);
