// SPDX-License-Identifier: Apache-2.0
#include "parsers/csv/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "event/text_time.h"
#include "parsers/csv/csv_file.h"
#include "parsers/csv/split.h"
#include "parsers/csv/table.h"

namespace hctail::csv {
namespace {

constexpr std::string_view kCategory = "CSV parser options";

const OptionSpec kOptions[] = {
    {.name = "csv.fields",
     .metavar = "NAMES",
     .help = "the names of the columns, as a line of CSV; without it the first line has them",
     .category = kCategory},
    {.name = "csv.timefield",
     .metavar = "NAME",
     .help = "the column that holds the time; without it the usual names are tried",
     .aliases = {"csv.time-field"},
     .category = kCategory},
    {.name = "csv.time-format",
     .metavar = "FORMAT",
     .help = "how the time is written: strftime, a Go layout or unixepoch",
     .aliases = {"csv.time_format"},
     .category = kCategory},
    {.name = "csv.trim-leading-space",
     .type = OptionSpec::Type::kFlag,
     .help = "drop spaces before values",
     .aliases = {"csv.trim_leading_space"},
     .category = kCategory},
    {.name = "csv.delimiter",
     .metavar = "BYTE",
     .help = "what stands between values: one byte, or tab; found out if not given",
     .category = kCategory,
     .detail = "With --csv.fields it is the comma if not given."},
    {.name = "csv.header",
     .type = OptionSpec::Type::kChoice,
     .metavar = "yes|no",
     .default_text = "yes",
     .help = "no: the first line is a record too, and columns are called column_1 and so on",
     .category = kCategory},
};

Result<char> ReadDelimiter(std::string_view text) {
  if (text.empty()) return ',';
  if (text == "tab" || text == "\\t") return '\t';
  if (text.size() == 1 && text[0] != '"' && text[0] != '\n' && text[0] != '\r') return text[0];
  return Fail(fmt::format("bad value '{}' for --csv.delimiter", text),
              "Give one byte that is not a quote, or the word tab.");
}

Status SetFields(std::string_view fields, const Dialect& dialect, Table* table) {
  std::vector<std::string_view> names;
  std::string scratch;
  scratch.reserve(fields.size());
  if (Split(fields, dialect, &names, &scratch) != Fault::kNone) {
    return Fail(fmt::format("--csv.fields is not a line of CSV: '{}'", fields));
  }
  if (std::ranges::find(names, "") != names.end()) {
    return Fail(fmt::format("--csv.fields has an empty name: '{}'", fields));
  }
  table->SetColumns(names);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) {
    return Fail(fmt::format("--csv.fields has the name '{}' twice: '{}'", *twice, fields));
  }
  return {};
}

Result<std::unique_ptr<FileParser>> Create(const ParserConfig& config, const FileFacts&) {
  const OptionValues& values = config.options;
  const std::string_view header = values.Get("csv.header");
  if (!header.empty() && header != "yes" && header != "no") {
    return Fail(fmt::format("bad value '{}' for --csv.header", header), "Give yes or no.");
  }
  const Result<char> delimiter = ReadDelimiter(values.Get("csv.delimiter"));
  if (!delimiter) return std::unexpected(delimiter.error());
  Result<TextTime> time =
      TextTime::Create(values.Get("csv.timefield"), values.Get("csv.time-format"),
                       "csv.time-format", config.zone, config.now);
  if (!time) return std::unexpected(time.error());
  const Dialect dialect = {*delimiter, values.Get("csv.trim-leading-space") == "true"};
  Table table(dialect, values.Get("csv.delimiter").empty(),
              header == "no" ? Header::kNone : Header::kFirstRecord, *std::move(time));
  if (const std::string_view fields = values.Get("csv.fields"); !fields.empty()) {
    if (Status status = SetFields(fields, dialect, &table); !status) {
      return std::unexpected(status.error());
    }
  }
  return std::make_unique<CsvFile>(std::move(table));
}

// --- Sniffing ---

// Counts the records after the header, and those that have as many values.
struct Agreement {
  size_t records = 0;
  size_t agreeing = 0;
};

Agreement Agree(std::span<const std::string_view> lines, char delimiter, size_t columns) {
  Agreement agreement;
  bool inside = false;  // a quoted value that began on a line before
  for (const std::string_view line : lines) {
    if (inside) {
      inside = std::ranges::count(line, '"') % 2 == 0;
      continue;
    }
    if (line.empty()) continue;
    bool open = false;
    const size_t count = CountValues(line, delimiter, &open);
    inside = open;
    ++agreement.records;
    if (open ? count <= columns : count == columns) ++agreement.agreeing;
  }
  return agreement;
}

Confidence Sniff(std::span<const std::string_view> first_lines) {
  if (first_lines.size() < 2) return {0, "there is no line after a header"};
  std::string_view header = first_lines[0];
  if (header.starts_with("\xef\xbb\xbf")) header.remove_prefix(3);
  const char delimiter = LikelyDelimiter(header);
  std::vector<std::string_view> names;
  std::string scratch;
  scratch.reserve(header.size());
  const bool is_csv = Split(header, {delimiter, true}, &names, &scratch) == Fault::kNone;
  if (!is_csv || names.size() < 2 || !LooksLikeHeader(names)) {
    return {0, "the first line is no header of CSV"};
  }
  const Agreement agreement = Agree(first_lines.subspan(1), delimiter, names.size());
  if (agreement.records == 0) return {0, "there is no line after a header"};
  const double share =
      static_cast<double>(agreement.agreeing) / static_cast<double>(agreement.records);
  // Two columns may be a sentence with a comma; many that agree are no accident.
  double score = names.size() >= 3 ? 0.9 : 0.6;
  if (agreement.records < 3 && names.size() < 5) score -= 0.05;
  // Names in a row of prose have spaces in them.
  const auto spaces = std::ranges::count_if(names, [](auto name) { return name.contains(' '); });
  if (static_cast<size_t>(spaces) * 2 > names.size()) score -= 0.3;
  return {score * share * share,
          fmt::format("a header of {} names, and {} of {} records have as many values",
                      names.size(), agreement.agreeing, agreement.records)};
}

}  // namespace

const ParserSpec kCsv = {
    .name = "csv",
    .summary = "comma-separated values with a header",
    .options = kOptions,
    .sniff = Sniff,
    .create = nullptr,
    .create_for_file = Create,
};

}  // namespace hctail::csv
