// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "parsers/csv/csv.h"
#include "parsers/each_line.h"
#include "parsers/json/json.h"
#include "parsers/keyval/keyval.h"
#include "parsers/multiline/multiline.h"
#include "parsers/nginx/error_log.h"
#include "parsers/nginx/nginx.h"
#include "parsers/parser.h"
#include "parsers/plain/plain.h"
#include "parsers/regex/log_prefix.h"
#include "parsers/regex/regex.h"
#include "parsers/syslog/syslog.h"
#include "parsers/transcript/transcript.h"
#include "parsers/unwrap/unwrap.h"

namespace hctail {

std::span<const ParserSpec> AllParsers() {
  static const ParserSpec kParsers[] = {
      csv::kCsv,     json::kJson,   keyval::kKeyval, nginx::kNginx,           nginx::kNginxError,
      plain::kPlain, regex::kRegex, syslog::kSyslog, transcript::kTranscript,
  };
  return kParsers;
}

Result<std::unique_ptr<Parser>> MakeParser(const ParserSpec& spec, const ParserConfig& config) {
  if (spec.create == nullptr) {
    return Fail("the parser '" + std::string(spec.name) + "' does not read lines one by one");
  }
  auto parser = spec.create(config);
  if (!parser) return parser;
  return regex::WithLogPrefix(std::move(*parser), spec, config);
}

namespace {

// Its lines are not records, each by itself.
bool SpansLines(const ParserSpec& spec, const ParserConfig& config) {
  return spec.create_for_file != nullptr || spec.spans_lines || multiline::IsAsked(config.options);
}

// A parser of what a program wrote, wrapped or not.
Result<std::unique_ptr<FileParser>> MakeInner(const ParserSpec& spec, const ParserConfig& config,
                                              const FileFacts& file) {
  const bool groups = spec.create != nullptr && multiline::IsAsked(config.options);
  if (spec.create_for_file != nullptr && !groups) {
    auto parser = spec.create_for_file(config, file);
    if (!parser) return parser;
    return regex::WithLogPrefix(std::move(*parser), spec, config);
  }
  auto parser = spec.create(config);
  if (!parser) return std::unexpected(parser.error());
  auto grouping = multiline::Make(std::move(*parser), spec, config);
  if (!grouping) return grouping;
  return regex::WithLogPrefix(std::move(*grouping), spec, config);
}

}  // namespace

bool NeedsFileParser(const ParserSpec& spec, const ParserConfig& config, Wrapper wrapper) {
  return wrapper != Wrapper::kNone || SpansLines(spec, config);
}

Result<std::unique_ptr<FileParser>> MakeFileParser(const ParserSpec& spec,
                                                   const ParserConfig& given, Wrapper wrapper,
                                                   const FileFacts& file) {
  ParserConfig config = given;
  config.timed = wrapper != Wrapper::kNone;
  if (const Status status = unwrap::CheckOptions(config.options); !status) {
    return std::unexpected(status.error());
  }
  std::unique_ptr<FileParser> streams[2];
  std::shared_ptr<Parser> each_line;
  for (auto& stream : streams) {
    if (SpansLines(spec, config)) {
      auto inner = MakeInner(spec, config, file);
      if (!inner || wrapper == Wrapper::kNone) return inner;
      stream = std::move(*inner);
      continue;
    }
    if (each_line == nullptr) {
      auto parser = MakeParser(spec, config);
      if (!parser) return std::unexpected(parser.error());
      each_line = std::move(*parser);
    }
    stream = std::make_unique<EachLine>(each_line);
  }
  if (wrapper == Wrapper::kNone) return std::move(streams[0]);
  return unwrap::Make(wrapper, std::move(streams[0]), std::move(streams[1]), config, file);
}

std::span<const OptionSpec> RecordOptions() {
  static const std::vector<OptionSpec> kRecordOptions = [] {
    std::vector<OptionSpec> all;
    for (const auto& options : {unwrap::Options(), multiline::Options()}) {
      all.insert(all.end(), options.begin(), options.end());
    }
    return all;
  }();
  return kRecordOptions;
}

const ParserSpec* FindParser(std::string_view name) {
  const std::span<const ParserSpec> all = AllParsers();
  const auto found = std::ranges::find(all, name, &ParserSpec::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace hctail
