const TEMPLATE = `// Every option is explained at https://www.cross-seed.org/docs/basics/options
module.exports = {
  // Your indexers, from Prowlarr, one string each: "http://127.0.0.1:9696/1/api?apikey=..."
  torznab: [],
  sonarr: [],
  radarr: [],
  host: "0.0.0.0",
  port: 2468,
  notificationWebhookUrls: [],
  // qBittorrent is in the same network namespace, and asks nobody in there for a password.
  torrentClients: ["qbittorrent:http://127.0.0.1:8080"],
  useClientTorrents: true,
  delay: 30,
  dataDirs: [],
  linkCategory: "cross-seed-link",
  // On the file system of the downloads: no hardlink leads to another one.
  linkDirs: ["DOWNLOADS/cross-seed"],
  linkType: "hardlink",
  flatLinking: false,
  matchMode: "flexible",
  skipRecheck: true,
  autoResumeMaxDownload: 52428800,
  ignoreNonRelevantFilesToResume: false,
  maxDataDepth: 2,
  torrentDir: null,
  outputDir: null,
  includeSingleEpisodes: false,
  includeNonVideos: false,
  seasonFromEpisodes: 1,
  fuzzySizeThreshold: 0.02,
  excludeOlder: "2 weeks",
  excludeRecentSearch: "3 days",
  action: "inject",
  duplicateCategories: false,
  rssCadence: "30 minutes",
  searchCadence: "1 day",
  snatchTimeout: "30 seconds",
  searchTimeout: "2 minutes",
  searchLimit: 400,
  blockList: [],
};
`

/**
 * The options of cross-seed's own template (6.13.7, src/config.template.cjs), with a client and a folder for links: without
 * those two it refuses to start.
 */
export const crossSeedConfiguration = (downloads: string): string => TEMPLATE.replace('DOWNLOADS', downloads)
