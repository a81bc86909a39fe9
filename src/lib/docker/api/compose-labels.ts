/** The Compose files that a container was made from, by its label: absolute paths, as they were typed. */
export const composeFiles = (labels: Readonly<Record<string, string>>): string[] =>
  (labels['com.docker.compose.project.config_files'] ?? '').split(',').filter((file) => file !== '')
