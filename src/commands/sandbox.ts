export async function sandbox(): Promise<number> {
  return 1;
}
