export const operationId = (now: Date, random: () => number): string =>
  `${now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${Math.floor(random() * 65_536)
    .toString(16)
    .padStart(4, '0')}`
