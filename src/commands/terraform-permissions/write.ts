export async function writeStatements(_: object): Promise<void> {}
