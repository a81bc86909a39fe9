/**
 * As linuxserver's image has it (docker-qbittorrent, root/defaults/qBittorrent.conf), which it copies only where there is
 * none; but saving below the media folder, so that Sonarr's and Radarr's imports are hardlinks. `LocalHostAuth=false`: from
 * the gateway's network, "localhost", the forwarded port can be set without a password.
 */
export const qbittorrentConfiguration = (downloads: string): string => `[AutoRun]
enabled=false
program=

[BitTorrent]
Session\\DefaultSavePath=${downloads}
Session\\TempPath=${downloads}/incomplete

[LegalNotice]
Accepted=true

[Preferences]
Connection\\UPnP=false
Connection\\PortRangeMin=6881
Downloads\\SavePath=${downloads}/
Downloads\\TempPath=${downloads}/incomplete/
WebUI\\Address=*
WebUI\\LocalHostAuth=false
WebUI\\ServerDomains=*
`
