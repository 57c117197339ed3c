// SPDX-License-Identifier: Apache-2.0
// data-capture="outbound download": a click on a link that leaves the site or fetches a file is one event,
// `click`. Nothing is prevented and nothing waits: the event leaves with the page, if the page goes.
import type { Record } from "./milestones.js";
import { attributeOf, isIgnored, onLinkClick } from "./page-events.js";
import { looksLikeId, reducedPlace } from "./reduce.js";

// Documents, data, archives, programs, sound and film: what browsers rather save than show as a page.
const kFileTypes =
  "pdf doc docx odt rtf txt epub mobi pages xls xlsx ods csv numbers ppt pptx pps odp key " +
  "zip 7z rar gz tgz bz2 xz tar exe msi dmg pkg deb rpm apk iso jar bin " +
  "mp3 m4a wav wma ogg flac mid midi mp4 m4v mov avi mpg mpeg wmv webm mkv ics";

interface Wanted {
  outbound: boolean;
  download: boolean;
  /** In place of the list above. */
  fileTypes?: string;
  isOwn: (host: string) => boolean;
}

export const watchLinks = (record: Record, wanted: Wanted): void => {
  const types = (wanted.fileTypes || kFileTypes).toLowerCase().split(/[\s,]+/);

  onLinkClick((link, url, event) => {
    if (isIgnored(event)) return;
    const file = url.pathname.split("/").pop()!;
    const [, stem, type] = /^(.*)\.(\w+)$/.exec(file) ?? [];
    const isDownload =
      wanted.download && (attributeOf(link, "download") != null || types.includes(type?.toLowerCase()!));
    const isOutbound = wanted.outbound && !wanted.isOwn(url.hostname);
    if (!isDownload && !isOutbound) return;
    record("click", {
      link_type: isDownload ? "download" : "outbound",
      link_url: reducedPlace(url),
      link_domain: url.hostname,
      link_id: attributeOf(link, "id")?.slice(0, 128) || undefined,
      file_name: isDownload && file ? (looksLikeId(stem ?? file) ? "*" : file).slice(0, 256) : undefined,
      file_extension: isDownload ? type?.toLowerCase().slice(0, 16) : undefined,
    });
  });
};
