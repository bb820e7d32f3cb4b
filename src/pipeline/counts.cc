// SPDX-License-Identifier: Apache-2.0
#include "pipeline/counts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "base/excerpt.h"

namespace hctail {
namespace {

// Beyond this many files a line for each would drown the total.
constexpr size_t kFileLines = 20;

std::string Grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string CountsText(const Counts& counts) {
  std::string text = fmt::format(
      "{} read = {} sent + {} sampled out + {} filtered + {} dead-lettered + {} in flight",
      Grouped(counts.read), Grouped(counts.sent), Grouped(counts.sampled_out),
      Grouped(counts.filtered), Grouped(counts.dead_lettered), Grouped(counts.in_flight));
  if (!counts.Balanced()) text += " (DOES NOT BALANCE)";
  text += fmt::format("; {} bytes", Grouped(counts.settled_bytes));
  if (counts.abandoned_bytes > 0) {
    text += fmt::format("; {} bytes abandoned", Grouped(counts.abandoned_bytes));
  }
  const auto add_flaw = [&](uint64_t records, std::string_view what) {
    if (records > 0) text += fmt::format("; {} {}", Grouped(records), what);
  };
  add_flaw(counts.flaws.invented_times, "without a time");
  add_flaw(counts.flaws.cut, "cut at --max-line");
  add_flaw(counts.flaws.unparsed, "not parsed");
  add_flaw(counts.flaws.mended_text, "with bytes that are no text");
  add_flaw(counts.flaws.nul_runs, "with NUL bytes");
  return text;
}

std::string Files(uint64_t count) {
  return fmt::format("{} {}", Grouped(count), count == 1 ? "file" : "files");
}

uint64_t LagOf(const FileSummary& file) {
  return file.sized && file.size > file.committed ? file.size - file.committed : 0;
}

}  // namespace

Flaws& Flaws::operator+=(const Flaws& other) {
  invented_times += other.invented_times;
  cut += other.cut;
  unparsed += other.unparsed;
  mended_text += other.mended_text;
  nul_runs += other.nul_runs;
  return *this;
}

Counts& Counts::operator+=(const Counts& other) {
  read += other.read;
  sent += other.sent;
  sampled_out += other.sampled_out;
  filtered += other.filtered;
  dead_lettered += other.dead_lettered;
  in_flight += other.in_flight;
  flaws += other.flaws;
  settled_bytes += other.settled_bytes;
  abandoned_bytes += other.abandoned_bytes;
  return *this;
}

Counts Summary::Total() const {
  Counts total = retired;
  for (const FileSummary& file : files) total += file.counts;
  return total;
}

std::string RenderSummary(const Summary& summary) {
  std::string text;
  uint64_t lag = 0;
  size_t quiet = 0;
  for (const FileSummary& file : summary.files) {
    const uint64_t behind = LagOf(file);
    lag += behind;
    const bool complete = behind == 0 && file.counts.abandoned_bytes == 0;
    if (summary.files.size() > kFileLines && complete && file.counts.Balanced()) {
      ++quiet;
      continue;
    }
    text += fmt::format("{}: {}, {} behind\n", Printable(file.path), CountsText(file.counts),
                        Grouped(behind));
  }
  if (quiet > 0) text += fmt::format("{} more files with nothing behind\n", Grouped(quiet));
  if (summary.retired_files > 0) {
    text += fmt::format("{} rotated away: {}\n", Grouped(summary.retired_files),
                        CountsText(summary.retired));
  }
  if (!summary.formats.empty()) {
    std::string_view separator = "formats of the files: ";
    for (const auto& [format, files] : summary.formats) {
      text += fmt::format("{}{} {}", std::exchange(separator, ", "), Grouped(files), format);
    }
    text += '\n';
  }
  for (const Unmatched& first : summary.unmatched) {
    text += fmt::format("not parsed: {}, byte {}: {}: {}\n", Printable(first.path), first.offset,
                        first.why, first.excerpt);
  }
  text += fmt::format("total: {}, {} behind", CountsText(summary.Total()), Grouped(lag));
  if (summary.unreadable_files > 0) {
    text += fmt::format("; {} could not be read", Files(summary.unreadable_files));
  }
  return text + '\n';
}

std::string WhatIsMissing(const Summary& summary) {
  const Counts total = summary.Total();
  std::vector<std::string> parts;
  if (total.in_flight > 0) {
    parts.push_back(fmt::format("{} in flight", Grouped(total.in_flight)));
  }
  if (total.abandoned_bytes > 0) {
    parts.push_back(fmt::format("{} bytes abandoned", Grouped(total.abandoned_bytes)));
  }
  if (summary.unreadable_files > 0) {
    parts.push_back(fmt::format("{} not read", Files(summary.unreadable_files)));
  }
  if (!total.Balanced()) parts.emplace_back("the sum of the records is wrong");
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace hctail
