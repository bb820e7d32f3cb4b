// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "parsers/csv/csv.h"
#include "parsers/json/json.h"
#include "parsers/keyval/keyval.h"
#include "parsers/nginx/error_log.h"
#include "parsers/nginx/nginx.h"
#include "parsers/parser.h"
#include "parsers/regex/log_prefix.h"
#include "parsers/regex/regex.h"
#include "parsers/syslog/syslog.h"

namespace hctail {

std::span<const ParserSpec> AllParsers() {
  static const ParserSpec kParsers[] = {
      csv::kCsv,          json::kJson,   keyval::kKeyval, nginx::kNginx,
      nginx::kNginxError, regex::kRegex, syslog::kSyslog,
  };
  return kParsers;
}

Result<std::unique_ptr<Parser>> MakeParser(const ParserSpec& spec, const ParserConfig& config) {
  auto parser = spec.create(config);
  if (!parser) return parser;
  return regex::WithLogPrefix(std::move(*parser), spec, config);
}

const ParserSpec* FindParser(std::string_view name) {
  const std::span<const ParserSpec> all = AllParsers();
  const auto found = std::ranges::find(all, name, &ParserSpec::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace hctail
