/** What a watcher says while nobody looks. One line each; the renderer adds time, colour or journald's level. */
export interface Log {
  info(text: string): void
  warn(text: string): void
  error(text: string): void
}
