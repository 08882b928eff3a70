/** The output of a library function that only writes with console.log, and synchronously. */
export function printed(print: () => void): string {
  const lines: string[] = [];
  const { log } = console;
  Object.assign(console, { log: (line: string) => lines.push(`${line}\n`) });
  try {
    print();
  } finally {
    Object.assign(console, { log });
  }
  return lines.join('');
}
